import type { WireWords } from "#lib/translation/testing/features";
import { converseFault } from "./strict";

/** How the wire says what clients ask for. */
export const converseWords: WireWords = {
  model: "us.amazon.nova-2-lite-v1:0",
  modelOf: {
    "one call at a time": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "citations of documents": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  },
  fault: converseFault,
  said: {
    "one call at a time": /"disable_parallel_tool_use":true/,
    "citations of documents": /"citations":{"enabled":true}/,
    "top_p beside temperature": /"topP":0\.9/,
    "temperature above 1": /"temperature":1[,}]/,
    "tools within the conversation": /"toolSpec":{"name":"look"/,
    "tools of a namespace": /"name":"docs__look"/,
    "PDF within a result": /"toolResult":{.*"document":{"format":"pdf"/,
    "picture of the model's own, returned": /"role":"user","content":\[.*{"image":.*And\?/,
    text: /"role":"user","content":\[{"text":"Hello!"}\]/,
    "system prompt": /"system":\[{"text":"Be brief\."}\]/,
    "system prompt within the conversation": /<system>Be brief\.<\/system>/,
    "tools with any JSON schema":
      /"inputSchema":{"json":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
    "parallel calls and their results":
      /toolUse.*toolUse.*"role":"user","content":\[{"toolResult".*Rain.*toolResult.*Sun/,
    "a tool must be used": /"toolChoice":{"any":{}}/,
    "this tool must be used": /"toolChoice":{"tool":{"name":"look"}}/,
    "no tool may be used": /^(?!.*toolConfig)/,
    "custom tools with a grammar": /start: \/x\/.*"input"/,
    "picture as data": /"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}/,
    "PDF as data": /"document":{"format":"pdf"/,
    "picture within a result": /"toolResult":{.*"image":{"format":"png"/,
    "a result that is an error": /"status":"error"/,
    "marks for the prompt cache": /"system":\[{"text":"Be brief\."},{"cachePoint":{"type":"default"}}\]/,
    "answer by a JSON schema": /"toolChoice":{"tool":{"name":"answer"}}/,
    "effort of reasoning": /"maxReasoningEffort":"low"/,
    "budget of reasoning": /"maxReasoningEffort":"low"/,
    "reasoning of Nova's own, returned": /"signature":"Q29udmVyc2VTaWduYXR1cmU="/,
    "stop sequences": /"stopSequences":\["END"\]/,
    temperature: /"temperature":0\.5/,
  },
  lossy: {
    "one call at a time": "Claude",
    "citations of documents": "Claude",
    "temperature above 1": "1, and named as left out",
    "tools of a namespace": "`namespace__name`",
    "picture of the model's own, returned": "given by the user",
    "system prompt within the conversation": "said by the user in `<system>`",
    "no tool may be used": "sent without tools, and past calls in words",
    "custom tools with a grammar": "a function of one text",
    "marks for the prompt cache": "Nova, but for tools, and Claude",
    "answer by a JSON schema": "as a tool that must be used; others have schemas",
    "effort of reasoning": "Nova, gpt-oss and Claude",
    "budget of reasoning": "a level",
  },
};
