import { scopeOf } from "#lib/translation/envelope";
import { SIGNATURES } from "./gemini/strict";
import { SIGNATURE } from "./messages/strict";
import { PROVIDER_ID } from "./translate";

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

const PNG = "iVBORw0KGgo=";
const PDF = "JVBERi0xLjQK";
const SCHEMA = {
  type: "object",
  properties: { value: { enum: ["a", 1, null] }, inner: { $ref: "#/$defs/inner" } },
  $defs: { inner: { type: "object", properties: {} } },
  additionalProperties: false,
};
const ANSWER = { type: "object", properties: { title: { type: "string" } }, required: ["title"] };

const user = (content: unknown) => ({ role: "user", content });
const chatTool = { type: "function", function: { name: "look", description: "Looks", parameters: SCHEMA } };
const tool = { name: "look", description: "Looks", input_schema: SCHEMA };
const responsesTool = { type: "function", name: "look", description: "Looks", parameters: SCHEMA };

/** Tokens that the strict fakes have issued. */
const TOKENS = { google: SIGNATURES[0], anthropic: SIGNATURE };
const seal = (maker: keyof typeof TOKENS) => `tg1.${maker}.${scopeOf(PROVIDER_ID)}.${TOKENS[maker]}`;

/** A conversation in which a tool was called twice at once, with a token of reasoning before. */
const called = (token: string | null, result: unknown = "Rain", isError = false) => ({
  messages: [
    user("Hello!"),
    {
      role: "assistant",
      content: [
        ...(token === null ? [] : [{ type: "thinking", thinking: "Hm.", signature: token }]),
        { type: "tool_use", id: "call_1", name: "look", input: { value: "a" } },
        { type: "tool_use", id: "call_2", name: "look", input: {} },
      ],
    },
    user([
      { type: "tool_result", tool_use_id: "call_1", content: result, ...(isError ? { is_error: true } : {}) },
      { type: "tool_result", tool_use_id: "call_2", content: "Sun" },
    ]),
  ],
  tools: [tool],
});
const chatCalled = (token: string | null) => ({
  messages: [
    user("Hello!"),
    {
      role: "assistant",
      content: null,
      tool_calls: [
        {
          id: token === null ? "call_1" : `call_1~${token}`,
          type: "function",
          function: { name: "look", arguments: '{"value":"a"}' },
        },
        { id: "call_2", type: "function", function: { name: "look", arguments: "{}" } },
      ],
    },
    { role: "tool", tool_call_id: token === null ? "call_1" : `call_1~${token}`, content: "Rain" },
    { role: "tool", tool_call_id: "call_2", content: "Sun" },
  ],
  tools: [chatTool],
});
const responsesCalled = (token: string | null, output: unknown = "Rain") => ({
  input: [
    user("Hello!"),
    ...(token === null ? [] : [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: token }]),
    { type: "function_call", call_id: "call_1", name: "look", arguments: '{"value":"a"}' },
    { type: "function_call", call_id: "call_2", name: "look", arguments: "{}" },
    { type: "function_call_output", call_id: "call_1", output },
    { type: "function_call_output", call_id: "call_2", output: "Sun" },
  ],
  tools: [responsesTool],
});
const sealed = (maker: keyof typeof TOKENS) => ({
  chat: chatCalled(seal(maker)),
  messages: called(seal(maker)),
  responses: responsesCalled(seal(maker)),
});

const imageUrl = (url: string) => ({ type: "image_url", image_url: { url } });
const inputImage = (image_url: string) => ({ type: "input_image", image_url, detail: "auto" });
const image = (source: object) => ({ type: "image", source });
const base64 = (media_type: string, data: string) => ({ type: "base64", media_type, data });

export const FEATURES: readonly Feature[] = [
  {
    name: "text",
    asked: { chat: {}, messages: {}, responses: {} },
    said: { gemini: /"role":"user","parts":\[{"text":"Hello!"}\]/, messages: /"role":"user".*"Hello!"/ },
  },
  {
    name: "system prompt",
    asked: {
      chat: { messages: [{ role: "system", content: "Be brief." }, user("Hello!")] },
      messages: { system: "Be brief." },
      responses: { instructions: "Be brief." },
    },
    said: {
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
    said: { gemini: /<system>Be brief\.<\/system>/, messages: /Be brief\./ },
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
      gemini: /"parametersJsonSchema":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
      messages: /"input_schema":{.*"enum":\["a",1,null\].*"\$ref".*"additionalProperties":false/,
    },
  },
  {
    name: "parallel calls and their results",
    asked: { chat: chatCalled(null), messages: called(null), responses: responsesCalled(null) },
    said: {
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
    said: { gemini: /"mode":"ANY"/, messages: /"tool_choice":{"type":"any"/ },
  },
  {
    name: "this tool must be used",
    asked: {
      chat: { tools: [chatTool], tool_choice: { type: "function", function: { name: "look" } } },
      messages: { tools: [tool], tool_choice: { type: "tool", name: "look" } },
      responses: { tools: [responsesTool], tool_choice: { type: "function", name: "look" } },
    },
    said: {
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
    said: { gemini: /"mode":"NONE"/, messages: /"tool_choice":{"type":"none"/ },
  },
  {
    name: "one call at a time",
    asked: {
      chat: { tools: [chatTool], parallel_tool_calls: false },
      messages: { tools: [tool], tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      responses: { tools: [responsesTool], parallel_tool_calls: false },
    },
    said: { messages: /"disable_parallel_tool_use":true/ },
  },
  {
    name: "custom tools with a grammar",
    asked: {
      chat: {
        tools: [{ type: "custom", custom: { name: "patch", format: grammar({ definition: "start: /x/" }) } }],
      },
      responses: { tools: [{ type: "custom", name: "patch", format: flatGrammar("start: /x/") }] },
    },
    said: { gemini: /start: \/x\/.*"input"/, messages: /start: \/x\/.*"input"/ },
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
      gemini: /"functionResponse":{.*"parts":\[{"inlineData"/,
      messages: /tool_result.*"media_type":"image\/png"/,
    },
  },
  {
    name: "a result that is an error",
    asked: { messages: called(null, "No such city", true) },
    said: { gemini: /"response":{"error":"No such city"}/, messages: /"is_error":true/ },
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
    said: { gemini: /"responseJsonSchema":{.*"title"/, messages: /"format":{"type":"json_schema".*"title"/ },
  },
  {
    name: "answer in JSON",
    asked: {
      chat: { response_format: { type: "json_object" } },
      responses: { text: { format: { type: "json_object" } } },
    },
    said: { gemini: /"responseMimeType":"application\/json"/ },
  },
  {
    name: "effort of reasoning",
    asked: {
      chat: { reasoning_effort: "low" },
      messages: { thinking: { type: "adaptive" }, output_config: { effort: "low" } },
      responses: { reasoning: { effort: "low" } },
    },
    said: { gemini: /"thinkingLevel":"low"/, messages: /"effort":"low"|"budget_tokens":\d+/ },
    lossy: {
      gemini: "the nearest level, or a budget",
      messages: "`minimal` is low; older models get a budget",
    },
  },
  {
    name: "budget of reasoning",
    asked: { messages: { max_tokens: 9_000, thinking: { type: "enabled", budget_tokens: 2_000 } } },
    said: { gemini: /"thinkingLevel":"low"|"thinkingBudget":2000/, messages: /"budget_tokens":2000/ },
    lossy: { gemini: "a level, from Gemini 3 on" },
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
    said: { gemini: /"stopSequences":\["END"\]/, messages: /"stop_sequences":\["END"\]/ },
  },
  {
    name: "temperature",
    asked: { chat: { temperature: 0.5 }, messages: { temperature: 0.5 }, responses: { temperature: 0.5 } },
    said: { gemini: /"temperature":0\.5/, messages: /"temperature":0\.5/ },
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
    said: { messages: /"user_id":"u1"/ },
  },
  { name: "notes", asked: { chat: { metadata: { a: "b" } }, responses: { metadata: { a: "b" } } }, said: {} },
  {
    name: "verbosity",
    asked: { chat: { verbosity: "low" }, responses: { text: { verbosity: "low" } } },
    said: {},
  },
];

function grammar(definition: object) {
  return { type: "grammar", grammar: { syntax: "lark", ...definition } };
}

function flatGrammar(definition: string) {
  return { type: "grammar", syntax: "lark", definition };
}

function chatFile(data: string) {
  return { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${data}` } };
}

function inputFile(data: string) {
  return { type: "input_file", filename: "a.pdf", file_data: `data:application/pdf;base64,${data}` };
}
