import { scopeOf } from "#lib/translation/envelope";
import { SIGNATURE as CONVERSE_SIGNATURE } from "./converse/strict";
import { SIGNATURES } from "./gemini/strict";
import { SIGNATURE } from "./messages/strict";
import { ENCRYPTED } from "./responses/strict";
import { PROVIDER_ID } from "./translate";

export const PNG = "iVBORw0KGgo=";
export const PDF = "JVBERi0xLjQK";
/** Data in which a name is found again. */
export const PNG_DATA = (name: string) => Buffer.from(`mark_png_${name}`).toString("base64");
export const PDF_DATA = (name: string) => Buffer.from(`mark_pdf_${name}`).toString("base64");
export const SCHEMA = {
  type: "object",
  properties: { value: { enum: ["a", 1, null] }, inner: { $ref: "#/$defs/inner" } },
  $defs: { inner: { type: "object", properties: {} } },
  additionalProperties: false,
};
export const ANSWER = { type: "object", properties: { title: { type: "string" } }, required: ["title"] };

export const user = (content: unknown) => ({ role: "user", content });
export const chatTool = {
  type: "function",
  function: { name: "look", description: "Looks", parameters: SCHEMA },
};
export const tool = { name: "look", description: "Looks", input_schema: SCHEMA };
export const responsesTool = { type: "function", name: "look", description: "Looks", parameters: SCHEMA };

/** Tokens that the strict fakes have issued. */
const TOKENS = {
  google: SIGNATURES[0],
  anthropic: SIGNATURE,
  openai: ENCRYPTED,
  amazon: CONVERSE_SIGNATURE,
};
/** Whose tokens the strict fakes have. */
export const MAKERS: readonly (keyof typeof TOKENS)[] = ["google", "anthropic", "openai", "amazon"];
/** A token as a client carries it. */
export const seal = (maker: keyof typeof TOKENS) => `tg1.${maker}.${scopeOf(PROVIDER_ID)}.${TOKENS[maker]}`;

/** A conversation in which a tool was called twice at once, with a token of reasoning before. */
export const called = (token: string | null, result: unknown = "Rain", isError = false) => ({
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
export const chatCalled = (token: string | null) => ({
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
export const responsesCalled = (token: string | null, output: unknown = "Rain") => ({
  input: [
    user("Hello!"),
    ...(token === null
      ? []
      : [
          {
            type: "reasoning",
            id: "rs_1",
            summary: [{ type: "summary_text", text: "Hm." }],
            encrypted_content: token,
          },
        ]),
    { type: "function_call", call_id: "call_1", name: "look", arguments: '{"value":"a"}' },
    { type: "function_call", call_id: "call_2", name: "look", arguments: "{}" },
    { type: "function_call_output", call_id: "call_1", output },
    { type: "function_call_output", call_id: "call_2", output: "Sun" },
  ],
  tools: [responsesTool],
});
export const sealed = (maker: keyof typeof TOKENS) => ({
  chat: chatCalled(seal(maker)),
  messages: called(seal(maker)),
  responses: responsesCalled(seal(maker)),
});

export const imageUrl = (url: string) => ({ type: "image_url", image_url: { url } });
export const inputImage = (image_url: string) => ({ type: "input_image", image_url, detail: "auto" });
export const image = (source: object) => ({ type: "image", source });
export const base64 = (media_type: string, data: string) => ({ type: "base64", media_type, data });

export function grammar(definition: object) {
  return { type: "grammar", grammar: { syntax: "lark", ...definition } };
}

export function flatGrammar(definition: string) {
  return { type: "grammar", syntax: "lark", definition };
}

export function chatFile(data: string, filename = "a.pdf") {
  return { type: "file", file: { filename, file_data: `data:application/pdf;base64,${data}` } };
}

export function inputFile(data: string, filename = "a.pdf") {
  return { type: "input_file", filename, file_data: `data:application/pdf;base64,${data}` };
}
