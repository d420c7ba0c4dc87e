import type { WireWords } from "#lib/translation/testing/features";
import { chatFault } from "./strict";

/** How the wire says what clients ask for. */
export const chatWords: WireWords = {
  model: "gpt-oss-120b",
  fault: (_, body) => chatFault(body),
  said: {
    "picture of the model's own, returned": /"role":"user","content":\[{"type":"image_url".*And\?/,
    text: /"role":"user","content":"Hello!"/,
    "system prompt": /{"role":"system","content":"Be brief\."},{"role":"user"/,
    "system prompt within the conversation": /{"role":"system","content":"Be brief\."}\]/,
    "tools with any JSON schema":
      /"parameters":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
    "parallel calls and their results":
      /"tool_calls":\[.*call_1.*call_2.*"role":"tool".*Rain.*"role":"tool".*Sun/,
    "a tool must be used": /"tool_choice":"required"/,
    "this tool must be used": /"tool_choice":{"type":"function","function":{"name":"look"}}/,
    "no tool may be used": /"tool_choice":"none"/,
    "one call at a time": /"parallel_tool_calls":false/,
    "custom tools with a grammar": /start: \/x\/.*"input"/,
    "picture as data": /"url":"data:image\/png;base64,iVBORw0KGgo="/,
    "picture by URL": /"url":"https:\/\/example.com\/a.png"/,
    "PDF as data": /"file_data":"data:application\/pdf;base64,JVBERi0xLjQK"/,
    "picture within a result": /"role":"tool".*"role":"user","content":\[{"type":"image_url"/,
    "a result that is an error": /"content":"Error: No such city"/,
    "answer by a JSON schema": /"json_schema":{.*"title"/,
    "answer in JSON": /"type":"json_object"/,
    "effort of reasoning": /"reasoning_effort":"low"/,
    "budget of reasoning": /"reasoning_effort":"low"/,
    "reasoning of Gemini's own, returned": /"reasoning_content":"Hm\."/,
    "reasoning of Claude's own, returned": /"reasoning_content":"Hm\."/,
    "reasoning of OpenAI's own, returned": /"reasoning_content":"Hm\."/,
    "reasoning of Nova's own, returned": /"reasoning_content":"Hm\."/,
    "stop sequences": /"stop":\["END"\]/,
    temperature: /"temperature":0\.5/,
    "the end user": /"user":"u1"/,
  },
  lossy: {
    "picture of the model's own, returned": "given by the user",
    "reasoning of Gemini's own, returned": "its text alone",
    "reasoning of Claude's own, returned": "its text alone",
    "reasoning of OpenAI's own, returned": "its text alone",
    "reasoning of Nova's own, returned": "its text alone",
    "custom tools with a grammar": "a function of one text",
    "picture within a result": "said by the user after the results",
    "a result that is an error": "its text begins with `Error: `",
    "effort of reasoning": "for models that take one; `xhigh` and `max` are high",
    "budget of reasoning": "an effort, for models that take one",
    "PDF as data": "where the server takes files",
  },
};
