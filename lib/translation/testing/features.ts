import {
  ANSWER,
  base64,
  called,
  chatCalled,
  chatFile,
  chatTool,
  flatGrammar,
  grammar,
  image,
  imageUrl,
  inputFile,
  inputImage,
  PDF,
  PNG,
  responsesCalled,
  responsesTool,
  sealed,
  tool,
  user,
} from "./conversations";

/** What a client may ask for, in each dialect that has it, and how each wire says it. Rows of the fidelity matrix. */
export type Feature = {
  name: string;
  /** Fields of a request, beside a model and a greeting. */
  asked: Readonly<Partial<Record<string, object>>>;
  /** What the body that is sent must match, by wire. */
  said: Readonly<Partial<Record<string, RegExp>>>;
  /** How the meaning changes on a wire. */
  lossy?: Readonly<Partial<Record<string, string>>>;
};

export const FEATURES: readonly Feature[] = [
  {
    name: "text",
    asked: { chat: {}, messages: {}, responses: {} },
    said: {
      chat: /"role":"user","content":"Hello!"/,
      gemini: /"role":"user","parts":\[{"text":"Hello!"}\]/,
      messages: /"role":"user".*"Hello!"/,
    },
  },
  {
    name: "system prompt",
    asked: {
      chat: { messages: [{ role: "system", content: "Be brief." }, user("Hello!")] },
      messages: { system: "Be brief." },
      responses: { instructions: "Be brief." },
    },
    said: {
      chat: /"role":"(?:system|developer)","content":"Be brief\."/,
      gemini: /"systemInstruction":{"parts":\[{"text":"Be brief."}\]}/,
      messages: /"system":.*Be brief\./,
    },
  },
  {
    name: "system prompt within the conversation",
    asked: {
      chat: { messages: [user("Hello!"), { role: "developer", content: "Be brief." }] },
      messages: { messages: [user("Hello!"), { role: "system", content: "Be brief." }] },
      responses: { input: [user("Hello!"), { role: "developer", content: "Be brief." }] },
    },
    said: { chat: /Be brief\./, gemini: /<system>Be brief\.<\/system>/, messages: /Be brief\./ },
    lossy: { gemini: "said by the user in `<system>`", messages: "said by the user in `<system>`" },
  },
  {
    name: "tools with any JSON schema",
    asked: {
      chat: { tools: [chatTool] },
      messages: { tools: [tool] },
      responses: { tools: [responsesTool] },
    },
    said: {
      chat: /"parameters":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
      gemini: /"parametersJsonSchema":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
      messages: /"input_schema":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
    },
  },
  {
    name: "parallel calls and their results",
    asked: { chat: chatCalled(null), messages: called(null), responses: responsesCalled(null) },
    said: {
      chat: /"tool_calls":\[.*"call_1".*"call_2".*"role":"tool".*Rain.*"role":"tool".*Sun/,
      gemini:
        /functionCall.*functionCall.*"role":"user","parts":\[{"functionResponse".*Rain.*functionResponse.*Sun/,
      messages: /tool_use.*tool_use.*tool_result.*Rain.*tool_result.*Sun/,
    },
  },
  {
    name: "a tool must be used",
    asked: {
      chat: { tools: [chatTool], tool_choice: "required" },
      messages: { tools: [tool], tool_choice: { type: "any" } },
      responses: { tools: [responsesTool], tool_choice: "required" },
    },
    said: {
      chat: /"tool_choice":"required"/,
      gemini: /"mode":"ANY"/,
      messages: /"tool_choice":{"type":"any"/,
    },
  },
  {
    name: "this tool must be used",
    asked: {
      chat: { tools: [chatTool], tool_choice: { type: "function", function: { name: "look" } } },
      messages: { tools: [tool], tool_choice: { type: "tool", name: "look" } },
      responses: { tools: [responsesTool], tool_choice: { type: "function", name: "look" } },
    },
    said: {
      chat: /"tool_choice":{"type":"function","function":{"name":"look"}/,
      gemini: /"allowedFunctionNames":\["look"\]/,
      messages: /"tool_choice":{"type":"tool","name":"look"/,
    },
  },
  {
    name: "no tool may be used",
    asked: {
      chat: { tools: [chatTool], tool_choice: "none" },
      messages: { tools: [tool], tool_choice: { type: "none" } },
      responses: { tools: [responsesTool], tool_choice: "none" },
    },
    said: { chat: /"tool_choice":"none"/, gemini: /"mode":"NONE"/, messages: /"tool_choice":{"type":"none"/ },
  },
  {
    name: "one call at a time",
    asked: {
      chat: { tools: [chatTool], parallel_tool_calls: false },
      messages: { tools: [tool], tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      responses: { tools: [responsesTool], parallel_tool_calls: false },
    },
    said: { chat: /"parallel_tool_calls":false/, messages: /"disable_parallel_tool_use":true/ },
  },
  {
    name: "custom tools with a grammar",
    asked: {
      chat: {
        tools: [{ type: "custom", custom: { name: "patch", format: grammar({ definition: "start: /x/" }) } }],
      },
      responses: { tools: [{ type: "custom", name: "patch", format: flatGrammar("start: /x/") }] },
    },
    said: { chat: /start: \/x\//, gemini: /start: \/x\/.*"input"/, messages: /start: \/x\/.*"input"/ },
    lossy: { gemini: "a function of one text", messages: "a function of one text" },
  },
  {
    name: "picture as data",
    asked: {
      chat: { messages: [user([imageUrl(`data:image/png;base64,${PNG}`)])] },
      messages: { messages: [user([image(base64("image/png", PNG))])] },
      responses: { input: [user([inputImage(`data:image/png;base64,${PNG}`)])] },
    },
    said: {
      chat: /"url":"data:image\/png;base64,iVBORw0KGgo="/,
      gemini: /"inlineData":{"mimeType":"image\/png","data":"iVBORw0KGgo="}/,
      messages: /"media_type":"image\/png","data":"iVBORw0KGgo="/,
    },
  },
  {
    name: "picture by URL",
    asked: {
      chat: { messages: [user([imageUrl("https://example.com/a.png")])] },
      messages: { messages: [user([image({ type: "url", url: "https://example.com/a.png" })])] },
      responses: { input: [user([inputImage("https://example.com/a.png")])] },
    },
    said: {
      chat: /"url":"https:\/\/example.com\/a.png"/,
      gemini: /"fileUri":"https:\/\/example.com\/a.png"/,
      messages: /"url":"https:\/\/example.com\/a.png"/,
    },
    lossy: { gemini: "Google must be able to fetch it" },
  },
  {
    name: "PDF as data",
    asked: {
      chat: { messages: [user([chatFile(PDF)])] },
      messages: { messages: [user([{ type: "document", source: base64("application/pdf", PDF) }])] },
      responses: { input: [user([inputFile(PDF)])] },
    },
    said: {
      chat: /"file_data":"data:application\/pdf;base64,JVBERi0xLjQK"/,
      gemini: /"mimeType":"application\/pdf","data":"JVBERi0xLjQK"/,
      messages: /"media_type":"application\/pdf"/,
    },
  },
  {
    name: "picture within a result",
    asked: {
      messages: called(null, [image(base64("image/png", PNG))]),
      responses: responsesCalled(null, [inputImage(`data:image/png;base64,${PNG}`)]),
    },
    said: {
      chat: /"url":"data:image\/png;base64,iVBORw0KGgo="/,
      gemini: /"functionResponse":{.*"parts":\[{"inlineData"/,
      messages: /tool_result.*"media_type":"image\/png"/,
    },
    lossy: { chat: "follows as said by the user" },
  },
  {
    name: "a result that is an error",
    asked: { messages: called(null, "No such city", true) },
    said: {
      chat: /No such city/,
      gemini: /"response":{"error":"No such city"}/,
      messages: /"is_error":true/,
    },
    lossy: { chat: "`Error: ` before it" },
  },
  {
    name: "marks for the prompt cache",
    asked: {
      messages: { system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }] },
    },
    said: {},
  },
  {
    name: "answer by a JSON schema",
    asked: {
      chat: { response_format: { type: "json_schema", json_schema: { name: "a", schema: ANSWER } } },
      messages: { output_config: { format: { type: "json_schema", schema: ANSWER } } },
      responses: { text: { format: { type: "json_schema", name: "a", schema: ANSWER } } },
    },
    said: {
      chat: /"json_schema":{.*"title"/,
      gemini: /"responseJsonSchema":{.*"title"/,
      messages: /"format":{"type":"json_schema".*"title"/,
    },
  },
  {
    name: "answer in JSON",
    asked: {
      chat: { response_format: { type: "json_object" } },
      responses: { text: { format: { type: "json_object" } } },
    },
    said: { chat: /"type":"json_object"/, gemini: /"responseMimeType":"application\/json"/ },
  },
  {
    name: "effort of reasoning",
    asked: {
      chat: { reasoning_effort: "low" },
      messages: { thinking: { type: "adaptive" }, output_config: { effort: "low" } },
      responses: { reasoning: { effort: "low" } },
    },
    said: {
      chat: /"reasoning_effort":"low"/,
      gemini: /"thinkingLevel":"low"/,
      messages: /"effort":"low"|"budget_tokens":\d+/,
    },
    lossy: {
      gemini: "the nearest level, or a budget",
      messages: "`minimal` is low; older models get a budget",
    },
  },
  {
    name: "budget of reasoning",
    asked: { messages: { max_tokens: 9_000, thinking: { type: "enabled", budget_tokens: 2_000 } } },
    said: {
      chat: /"reasoning_effort":"\w+"|"thinking"/,
      gemini: /"thinkingLevel":"low"|"thinkingBudget":2000/,
      messages: /"budget_tokens":2000/,
    },
    lossy: { chat: "an effort", gemini: "a level, from Gemini 3 on" },
  },
  {
    name: "reasoning of Gemini's own, returned",
    asked: sealed("google"),
    said: { gemini: /"functionCall":{[^}]*}},"thoughtSignature":"c2lnbmF0dXJlLW9uZQ=="/ },
  },
  {
    name: "reasoning of Claude's own, returned",
    asked: sealed("anthropic"),
    said: { messages: /"signature":"EqQBCkYIARgCKkBzaWduYXR1cmU="/ },
  },
  {
    name: "stop sequences",
    asked: { chat: { stop: ["END"] }, messages: { stop_sequences: ["END"] } },
    said: {
      chat: /"stop":\["END"\]/,
      gemini: /"stopSequences":\["END"\]/,
      messages: /"stop_sequences":\["END"\]/,
    },
  },
  {
    name: "temperature",
    asked: { chat: { temperature: 0.5 }, messages: { temperature: 0.5 }, responses: { temperature: 0.5 } },
    said: { chat: /"temperature":0\.5/, gemini: /"temperature":0\.5/, messages: /"temperature":0\.5/ },
  },
  {
    name: "seed",
    asked: { chat: { seed: 7 } },
    said: { gemini: /"seed":7/ },
  },
  {
    name: "penalties",
    asked: { chat: { frequency_penalty: 0.5, presence_penalty: 0.5 } },
    said: { gemini: /"frequencyPenalty":0\.5,"presencePenalty":0\.5/ },
  },
  { name: "several answers", asked: { chat: { n: 2 } }, said: {} },
  { name: "probabilities of tokens", asked: { chat: { logprobs: true } }, said: {} },
  { name: "bias of tokens", asked: { chat: { logit_bias: { "50256": -100 } } }, said: {} },
  {
    name: "the end user",
    asked: { chat: { user: "u1" }, messages: { metadata: { user_id: "u1" } }, responses: { user: "u1" } },
    said: { chat: /"(?:user|safety_identifier)":"u1"/, messages: /"user_id":"u1"/ },
  },
  { name: "notes", asked: { chat: { metadata: { a: "b" } }, responses: { metadata: { a: "b" } } }, said: {} },
  {
    name: "verbosity",
    asked: { chat: { verbosity: "low" }, responses: { text: { verbosity: "low" } } },
    said: { chat: /"verbosity":"low"/ },
  },
];
