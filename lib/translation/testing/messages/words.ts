import type { WireWords } from "#lib/translation/testing/features";
import { messagesFault } from "./strict";

/** How the wire says what clients ask for. */
export const messagesWords: WireWords = {
  model: "claude-sonnet-4-5",
  fault: (_, body) => messagesFault(body),
  said: {
    "temperature above 1": /"temperature":1[,}]/,
    "marks for the prompt cache": /"text":"Be brief\.","cache_control":{"type":"ephemeral"}/,
    "tools within the conversation": /"tools":\[{"name":"look"/,
    "tools of a namespace": /"name":"docs__look"/,
    "PDF within a result": /tool_result.*"media_type":"application\/pdf"/,
    "document by URL": /"type":"url","url":"https:\/\/example.com\/a.pdf"/,
    "picture of the model's own, returned": /"role":"user","content":\[.*{"type":"image".*And\?/,
    text: /"role":"user".*"Hello!"/,
    "system prompt": /"system":.*Be brief\./,
    "system prompt within the conversation": /Be brief\./,
    "tools with any JSON schema":
      /"input_schema":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
    "parallel calls and their results": /tool_use.*tool_use.*tool_result.*Rain.*tool_result.*Sun/,
    "a tool must be used": /"tool_choice":{"type":"any"/,
    "this tool must be used": /"tool_choice":{"type":"tool","name":"look"/,
    "no tool may be used": /"tool_choice":{"type":"none"/,
    "one call at a time": /"disable_parallel_tool_use":true/,
    "custom tools with a grammar": /start: \/x\/.*"input"/,
    "picture as data": /"media_type":"image\/png","data":"iVBORw0KGgo="/,
    "picture by URL": /"url":"https:\/\/example.com\/a.png"/,
    "PDF as data": /"media_type":"application\/pdf"/,
    "picture within a result": /tool_result.*"media_type":"image\/png"/,
    "a result that is an error": /"is_error":true/,
    "answer by a JSON schema": /"format":{"type":"json_schema".*"title"/,
    "effort of reasoning": /"effort":"low"|"budget_tokens":\d+/,
    "budget of reasoning": /"budget_tokens":2000/,
    "reasoning of Claude's own, returned": /"signature":"EqQBCkYIARgCKkBzaWduYXR1cmU="/,
    "stop sequences": /"stop_sequences":\["END"\]/,
    temperature: /"temperature":0\.5/,
    "the end user": /"user_id":"u1"/,
  },
  lossy: {
    "temperature above 1": "1, and named as left out",
    "tools of a namespace": "`namespace__name`",
    "picture of the model's own, returned": "given by the user",
    "system prompt within the conversation": "said by the user in `<system>`",
    "custom tools with a grammar": "a function of one text",
    "effort of reasoning": "`minimal` is low; older models get a budget",
  },
};
