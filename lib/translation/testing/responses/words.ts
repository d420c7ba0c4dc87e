import type { WireWords } from "#lib/translation/testing/features";
import { responsesFault } from "./strict";

/** How the wire says what clients ask for. */
export const responsesWords: WireWords = {
  model: "gpt-5.2",
  fault: (_, body) => responsesFault(body),
  said: {
    "key of the prompt cache": /"prompt_cache_key":"k1"/,
    "marks for the prompt cache": /"prompt_cache_key":"u1"/,
    "PDF within a result": /"output":\[{"type":"input_file"/,
    "document by URL": /"file_url":"https:\/\/example.com\/a.pdf"/,
    "picture of the model's own, returned": /"role":"user","content":\[{"type":"input_image".*And\?/,
    text: /"role":"user","content":\[{"type":"input_text","text":"Hello!"}\]/,
    "system prompt":
      /"role":"developer","content":\[{"type":"input_text","text":"Be brief\."}\]},{"type":"message","role":"user"/,
    "system prompt within the conversation":
      /"role":"developer","content":\[{"type":"input_text","text":"Be brief\."}\]}\]/,
    "tools with any JSON schema":
      /"parameters":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
    "parallel calls and their results": /function_call.*call_1.*call_2.*function_call_output.*Rain.*Sun/,
    "a tool must be used": /"tool_choice":"required"/,
    "this tool must be used": /"tool_choice":{"type":"function","name":"look"}/,
    "no tool may be used": /"tool_choice":"none"/,
    "one call at a time": /"parallel_tool_calls":false/,
    "custom tools with a grammar": /start: \/x\/.*"input"/,
    "picture as data": /"image_url":"data:image\/png;base64,iVBORw0KGgo="/,
    "picture by URL": /"image_url":"https:\/\/example.com\/a.png"/,
    "PDF as data": /"file_data":"data:application\/pdf;base64,JVBERi0xLjQK"/,
    "picture within a result": /"output":\[{"type":"input_image"/,
    "a result that is an error": /"output":"Error: No such city"/,
    "answer by a JSON schema": /"format":{"type":"json_schema".*"title"/,
    "answer in JSON": /"type":"json_object"/,
    "effort of reasoning": /"effort":"low"/,
    "budget of reasoning": /"effort":"low"/,
    "reasoning of OpenAI's own, returned": /"encrypted_content":"gAAAAABencrypted-reasoning=="/,
    "the end user": /"safety_identifier":"u1"/,
    verbosity: /"verbosity":"low"/,
  },
  lossy: {
    "marks for the prompt cache": "the end user as key of its own cache",
    "picture of the model's own, returned": "given by the user",
    "custom tools with a grammar": "a function of one text",
    "a result that is an error": "its text begins with `Error: `",
    "effort of reasoning": "`xhigh` and `max` are high",
    "budget of reasoning": "an effort",
  },
};
