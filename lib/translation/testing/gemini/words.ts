import type { WireWords } from "#lib/translation/testing/features";
import { geminiFault } from "./strict";

/** How the wire says what clients ask for. */
export const geminiWords: WireWords = {
  model: "gemini-3.8-flash",
  fault: geminiFault,
  said: {
    "top_p beside temperature": /"topP":0\.9/,
    "temperature above 1": /"temperature":1\.5/,
    "tools within the conversation": /"functionDeclarations":\[{"name":"look"/,
    "tools of a namespace": /"name":"docs__look"/,
    "PDF within a result": /"functionResponse":{.*"parts":\[{"inlineData":{"mimeType":"application\/pdf"/,
    recording: /"inlineData":{"mimeType":"audio\/wav"/,
    "document by URL": /"fileUri":"https:\/\/example.com\/a.pdf"/,
    "picture of the model's own, returned": /"role":"model","parts":\[.*{"inlineData"/,
    text: /"role":"user","parts":\[{"text":"Hello!"}\]/,
    "system prompt": /"systemInstruction":{"parts":\[{"text":"Be brief."}\]}/,
    "system prompt within the conversation": /<system>Be brief\.<\/system>/,
    "tools with any JSON schema":
      /"parametersJsonSchema":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
    "parallel calls and their results":
      /functionCall.*functionCall.*"role":"user","parts":\[{"functionResponse".*Rain.*functionResponse.*Sun/,
    "a tool must be used": /"mode":"ANY"/,
    "this tool must be used": /"allowedFunctionNames":\["look"\]/,
    "no tool may be used": /"mode":"NONE"/,
    "custom tools with a grammar": /start: \/x\/.*"input"/,
    "picture as data": /"inlineData":{"mimeType":"image\/png","data":"iVBORw0KGgo="}/,
    "picture by URL": /"fileUri":"https:\/\/example.com\/a.png"/,
    "PDF as data": /"mimeType":"application\/pdf","data":"JVBERi0xLjQK"/,
    "picture within a result": /"functionResponse":{.*"parts":\[{"inlineData"/,
    "a result that is an error": /"response":{"error":"No such city"}/,
    "answer by a JSON schema": /"responseJsonSchema":{.*"title"/,
    "answer in JSON": /"responseMimeType":"application\/json"/,
    "effort of reasoning": /"thinkingLevel":"low"/,
    "budget of reasoning": /"thinkingLevel":"low"|"thinkingBudget":2000/,
    "reasoning of Gemini's own, returned":
      /"functionCall":{[^}]*}},"thoughtSignature":"c2lnbmF0dXJlLW9uZQ=="/,
    "stop sequences": /"stopSequences":\["END"\]/,
    temperature: /"temperature":0\.5/,
    seed: /"seed":7/,
    penalties: /"frequencyPenalty":0\.5,"presencePenalty":0\.5/,
  },
  lossy: {
    "tools of a namespace": "`namespace__name`",
    "document by URL": "Google must be able to fetch it",
    "system prompt within the conversation": "said by the user in `<system>`",
    "custom tools with a grammar": "a function of one text",
    "picture by URL": "Google must be able to fetch it",
    "effort of reasoning": "the nearest level, or a budget",
    "budget of reasoning": "a level, from Gemini 3 on",
  },
};
