import type { LanguageModelV3Prompt } from "@ai-sdk/provider";
import { scopeOf } from "#lib/translation/envelope";
import { PDF, PNG, SCHEMA } from "#lib/translation/testing/conversations";
import { SIGNATURE as NOVAS } from "#lib/translation/testing/converse/strict";
import { SIGNATURES } from "#lib/translation/testing/gemini/strict";
import { SIGNATURE } from "#lib/translation/testing/messages/strict";
import { ENCRYPTED } from "#lib/translation/testing/responses/strict";
import { PROVIDER_ID } from "#lib/translation/testing/translate";
import { proofData } from "#lib/translation/wires/responses/proof";
import {
  type Conversation,
  chatCalled,
  chatTool,
  HELLO,
  messagesCalled,
  type ProviderOptions,
  type Shape,
  sdkAssistant,
  sdkCall,
  sdkCalled,
  sdkFile,
  sdkHello,
  sdkResult,
  sdkText,
  sdkTool,
  sdkUser,
  WEATHER,
} from "./asked";
import { SETTINGS } from "./settings";

const forecast = { tools: [chatTool(WEATHER)] };
const sdkForecast = { tools: [sdkTool(WEATHER)] };

const said = (content: readonly object[]) => ({ messages: [{ role: "user", content }] });
const ofImage = (url: string) => said([{ type: "image_url", image_url: { url } }]);

const tooled = (name: string, shape: Shape): Conversation => ({
  name,
  ours: { tools: [chatTool(shape)] },
  theirs: { tools: [sdkTool(shape)] },
});

/** Reasoning with its maker's proof, returned with the call that it led to. */
function returned(
  maker: string,
  data: string,
  thought: ProviderOptions,
  ofCall?: ProviderOptions,
): Conversation {
  const signature = `tg1.${maker}.${scopeOf(PROVIDER_ID)}.${data}`;
  return {
    name: `reasoning of ${maker}, returned`,
    dialect: "messages",
    ours: messagesCalled({ content: "Sun" }, { type: "thinking", thinking: "Hm.", signature }),
    theirs: sdkCalled("Sun", thought, ofCall),
  };
}

/** Two calls at once, and their results. */
const calledTwice = (name: string, results: LanguageModelV3Prompt): Conversation => ({
  name,
  ours: chatCalled,
  theirs: {
    ...sdkForecast,
    prompt: [
      sdkHello,
      sdkAssistant(sdkText("Two cities."), sdkCall("call_1", "Rome"), sdkCall("call_2", "Oslo")),
      ...results,
    ],
  },
});

export const CONVERSATIONS: readonly Conversation[] = [
  { name: "text", ours: {}, theirs: {} },
  { name: "a stream", ours: { stream: true }, theirs: {}, stream: true },
  {
    name: "system prompt",
    ours: { messages: [{ role: "system", content: "Be brief." }, HELLO] },
    theirs: { prompt: [{ role: "system", content: "Be brief." }, sdkHello] },
  },
  {
    name: "system prompt within the conversation",
    ours: { messages: [HELLO, { role: "system", content: "Be brief." }] },
    theirs: { prompt: [sdkHello, { role: "system", content: "Be brief." }] },
  },
  {
    name: "several turns",
    ours: {
      messages: [HELLO, { role: "assistant", content: "Hi." }, { role: "user", content: "Go on." }],
    },
    theirs: { prompt: [sdkHello, sdkAssistant(sdkText("Hi.")), sdkUser(sdkText("Go on."))] },
  },
  { name: "a tool", ours: forecast, theirs: sdkForecast },
  tooled("a tool without a description", { name: "look", schema: WEATHER.schema }),
  tooled("a tool without arguments", {
    name: "look",
    description: "Looks",
    schema: { type: "object", properties: {} },
  }),
  tooled("a tool with references and mixed enumerations", {
    name: "look",
    description: "Looks",
    schema: SCHEMA,
  }),
  tooled("a strict tool", {
    ...WEATHER,
    schema: { type: "object", properties: {}, additionalProperties: false },
    strict: true,
  }),
  tooled("a tool with a dot in its name", { ...WEATHER, name: "get.weather" }),
  calledTwice("parallel calls and their results", [
    { role: "tool", content: [sdkResult("call_1", "Sun"), sdkResult("call_2", "Rain")] },
  ]),
  // As Codex sends them.
  calledTwice("results in messages of their own", [
    { role: "tool", content: [sdkResult("call_1", "Sun")] },
    { role: "tool", content: [sdkResult("call_2", "Rain")] },
  ]),
  {
    name: "a tool must be used",
    ours: { ...forecast, tool_choice: "required" },
    theirs: { ...sdkForecast, toolChoice: { type: "required" } },
  },
  {
    name: "this tool must be used",
    ours: { ...forecast, tool_choice: { type: "function", function: { name: "weather" } } },
    theirs: { ...sdkForecast, toolChoice: { type: "tool", toolName: "weather" } },
  },
  {
    name: "no tool may be used",
    ours: { ...forecast, tool_choice: "none" },
    theirs: { ...sdkForecast, toolChoice: { type: "none" } },
  },
  {
    name: "one call at a time",
    ours: { ...forecast, parallel_tool_calls: false },
    theirs: {
      ...sdkForecast,
      providerOptions: {
        anthropic: { disableParallelToolUse: true },
        openai: { parallelToolCalls: false },
        compatible: { parallel_tool_calls: false },
      },
    },
  },
  {
    name: "picture as data",
    ours: ofImage(`data:image/png;base64,${PNG}`),
    theirs: { prompt: [sdkFile("image/png", PNG)] },
  },
  {
    name: "picture by URL",
    ours: ofImage("https://example.com/a.png"),
    theirs: { prompt: [sdkFile("image/png", new URL("https://example.com/a.png"))] },
  },
  {
    name: "PDF as data",
    ours: said([
      { type: "text", text: "Read this." },
      { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${PDF}` } },
    ]),
    theirs: {
      prompt: [
        sdkUser(sdkText("Read this."), {
          type: "file",
          mediaType: "application/pdf",
          data: PDF,
          filename: "a.pdf",
        }),
      ],
    },
  },
  {
    name: "picture within a result",
    dialect: "messages",
    ours: messagesCalled({
      content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } }],
    }),
    theirs: sdkCalled({
      type: "content",
      value: [{ type: "image-data", mediaType: "image/png", data: PNG }],
    }),
  },
  {
    name: "a result that is an error",
    dialect: "messages",
    ours: messagesCalled({ content: "No such city", is_error: true }),
    theirs: sdkCalled({ type: "error-text", value: "No such city" }),
  },
  {
    name: "a mark for the prompt cache",
    dialect: "messages",
    ours: { system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } }] },
    theirs: {
      prompt: [
        {
          role: "system",
          content: "Be brief.",
          providerOptions: {
            anthropic: { cacheControl: { type: "ephemeral", ttl: "1h" } },
            bedrock: { cachePoint: { type: "default", ttl: "1h" } },
          },
        },
        sdkHello,
      ],
    },
  },
  returned(
    "google",
    SIGNATURES[0] ?? "",
    { google: {} },
    { google: { thoughtSignature: SIGNATURES[0] ?? "" } },
  ),
  returned("anthropic", SIGNATURE, {
    anthropic: { signature: SIGNATURE },
    bedrock: { signature: SIGNATURE },
  }),
  returned("openai", proofData({ id: "rs_1", encrypted: ENCRYPTED }), {
    openai: { itemId: "rs_1", reasoningEncryptedContent: ENCRYPTED },
  }),
  returned("amazon", NOVAS, { bedrock: { signature: NOVAS } }),
  ...SETTINGS,
];
