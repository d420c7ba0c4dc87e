import { eventOf } from "#lib/dialects/events/event-payloads";
import { namedEvent } from "#lib/dialects/messages/event-names";
import { CACHED_USAGE, COMPACTED_USAGE } from "#lib/dialects/messages/testing/played-message";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import * as chat from "#lib/translation/testing/chat/server";
import * as converse from "#lib/translation/testing/converse/answers";
import * as gemini from "#lib/translation/testing/gemini/answers";
import { SIGNATURES } from "#lib/translation/testing/gemini/strict";
import * as messages from "#lib/translation/testing/messages/server";
import { SIGNATURE } from "#lib/translation/testing/messages/strict";
import { eventsOf } from "#lib/translation/testing/translate";
import type { Answer } from "./readings";
import { responseEvents } from "./response-events";

const CITY = { city: 'Zürich "1"', at: { days: [1, 2.5], now: true } };
const THOUGHT = "Two cities.\nFirst one.";
const TEXT = "Good “morning” 🌞.";

/** An answer of Claude's. */
function ofMessages(name: string, answer: Partial<messages.MessagesAnswer>): Answer {
  const whole: messages.MessagesAnswer = {
    content: [{ type: "text", text: TEXT }],
    usage: { input_tokens: 25, output_tokens: 15 },
    ...answer,
  };
  const events = messages.eventsOf(whole).map(namedEvent).join("");
  return { wire: "messages", name, model: "claude-sonnet-4-5", whole: messages.wholeOf(whole), events };
}
const use = (id: string, input: object) => ({ type: "tool_use", id, name: "weather", input });
const thinking = { type: "thinking", thinking: THOUGHT, signature: SIGNATURE };

const MESSAGES: readonly Answer[] = [
  ofMessages("text", {}),
  ofMessages("reasoning and parallel calls", {
    content: [thinking, { type: "text", text: TEXT }, use("toolu_1", CITY), use("toolu_2", {})],
    stopReason: "tool_use",
    usage: { ...CACHED_USAGE, output_tokens_details: { thinking_tokens: 300 } },
  }),
  ofMessages("redacted reasoning", {
    content: [
      { type: "redacted_thinking", data: "c2VjcmV0" },
      { type: "text", text: TEXT },
    ],
  }),
  ofMessages("usage with what a compaction took", { usage: COMPACTED_USAGE }),
  ...["max_tokens", "stop_sequence", "refusal", "model_context_window_exceeded", "pause_turn"].map((reason) =>
    ofMessages(`ended by ${reason}`, {
      stopReason: reason,
      ...(reason === "stop_sequence" ? { stopSequence: "END" } : {}),
    }),
  ),
  { ...ofMessages("broken off", { isCut: true }), whole: null },
];

/** An answer of Gemini's: its chunks, which a whole answer has in one. */
function ofGemini(name: string, chunks: readonly JsonObject[]): Answer {
  const candidates = chunks.flatMap(({ candidates }) => (Array.isArray(candidates) ? candidates : []));
  const parts = candidates.flatMap((candidate) => candidate.content?.parts ?? []);
  const last = chunks.at(-1) ?? {};
  const [candidate] = Array.isArray(last.candidates) ? last.candidates : [];
  const whole =
    candidate === undefined
      ? last
      : { ...last, candidates: [{ ...candidate, content: { role: "model", parts } }] };
  return { wire: "gemini", name, model: "gemini-3.8-flash", whole, events: eventsOf(chunks) };
}

const GEMINI: readonly Answer[] = [
  ofGemini("text", gemini.TEXT),
  ofGemini("reasoning and parallel calls", gemini.CALLS),
  ofGemini("a call without an id", gemini.callOf("weather", CITY, THOUGHT)),
  ofGemini("a signature on an empty text", [
    gemini.said({ text: TEXT }),
    gemini.ended("STOP", { text: "", thoughtSignature: SIGNATURES[0] }),
  ]),
  ...["MAX_TOKENS", "SAFETY", "RECITATION", "SPII", "LANGUAGE", "OTHER", "MALFORMED_FUNCTION_CALL"].map(
    (reason) => ofGemini(`ended by ${reason}`, [gemini.said({ text: TEXT }), gemini.ended(reason)]),
  ),
  { ...ofGemini("broken off", [gemini.said({ text: TEXT })]), whole: null },
  ofGemini("a blocked prompt", [
    { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 8, totalTokenCount: 8 } },
  ]),
  ofGemini("usage without a total", [
    {
      ...gemini.ended("STOP", { text: TEXT }),
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 50, thoughtsTokenCount: 30 },
    },
  ]),
  ofGemini("usage with what a tool added to the prompt", [
    {
      ...gemini.ended("STOP", { text: TEXT }),
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: 5,
        toolUsePromptTokenCount: 30,
        totalTokenCount: 45,
      },
    },
  ]),
];

/** An answer by Converse. */
function ofConverse(name: string, answer: Partial<converse.ConverseAnswer>, isWhole = true): Answer {
  const whole: converse.ConverseAnswer = { ...converse.TEXT, ...answer };
  const events = converse.eventsOf(whole, isWhole);
  return {
    wire: "converse",
    name,
    model: "us.amazon.nova-2-lite-v1:0",
    whole: converse.wholeOf(whole),
    events: converse.sseOf(events),
    frames: Buffer.concat(events.map(converse.frameOf)),
  };
}

const CONVERSE: readonly Answer[] = [
  ofConverse("text", {}),
  ofConverse("reasoning and parallel calls", converse.CALLS),
  ofConverse("a call without arguments", {
    content: [{ toolUse: { toolUseId: "tooluse_1", name: "weather", input: {} } }],
    stopReason: "tool_use",
  }),
  ...[
    "max_tokens",
    "stop_sequence",
    "guardrail_intervened",
    "content_filtered",
    "model_context_window_exceeded",
    "malformed_tool_use",
  ].map((stopReason) => ofConverse(`ended by ${stopReason}`, { stopReason })),
  // The AI SDK's requires a total: one that cannot make up for a count that is not read.
  ofConverse("usage with a total of nothing", {
    usage: {
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 0,
      cacheReadInputTokens: 50,
      cacheWriteInputTokens: 30,
    },
  }),
  { ...ofConverse("broken off", {}, false), whole: null },
];

/** A chat completion. */
function ofChat(name: string, answer: Partial<chat.ChatAnswer>): Answer {
  const whole: chat.ChatAnswer = {
    message: { content: TEXT },
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    ...answer,
  };
  const end = answer.isCut === true ? [] : ["data: [DONE]\n\n"];
  const events = [...chat.chunksOf(whole, true).map(eventOf), ...end].join("");
  return { wire: "chat", name, model: "gpt-oss-120b", whole: chat.wholeOf(whole), events };
}
const called = (id: string, args: object) => ({
  id,
  type: "function",
  function: { name: "weather", arguments: JSON.stringify(args) },
});

const CHAT: readonly Answer[] = [
  ofChat("text", {}),
  ofChat("reasoning and parallel calls", {
    message: { reasoning_content: THOUGHT, content: TEXT, tool_calls: [called("a", CITY), called("b", {})] },
    finishReason: "tool_calls",
    usage: {
      prompt_tokens: 100,
      completion_tokens: 40,
      total_tokens: 140,
      prompt_tokens_details: { cached_tokens: 80 },
      completion_tokens_details: { reasoning_tokens: 30 },
    },
  }),
  ofChat("calls that end by stop", { message: { tool_calls: [called("a", CITY)] } }),
  ofChat("reasoning counted apart from the output", {
    usage: {
      prompt_tokens: 12,
      completion_tokens: 2,
      total_tokens: 354,
      completion_tokens_details: { reasoning_tokens: 340 },
    },
  }),
  ...["length", "content_filter", "something_new"].map((finishReason) =>
    ofChat(`ended by ${finishReason}`, { finishReason }),
  ),
  { ...ofChat("broken off", { isCut: true }), whole: null },
  ofChat("a refusal", { message: { refusal: "I cannot." } }),
];

/** A response of OpenAI's. */
function ofResponses(name: string, output: readonly object[], fields: object = {}): Answer {
  const whole: JsonObject = {
    id: "resp_1",
    object: "response",
    created_at: 1,
    model: "gpt-5.2",
    status: "completed",
    error: null,
    incomplete_details: null,
    output: output.map((item, at) => ({ id: `item_${at}`, status: "completed", ...item })),
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 80 },
      output_tokens: 40,
      output_tokens_details: { reasoning_tokens: 30 },
      total_tokens: 140,
    },
    ...fields,
  };
  return { wire: "responses", name, model: "gpt-5.2", whole, events: responseEvents(whole) };
}
const message = (...content: object[]) => ({ type: "message", role: "assistant", content });
const written = message({ type: "output_text", text: TEXT, annotations: [] });
const reasoned = (...texts: string[]) => ({
  type: "reasoning",
  summary: texts.map((text) => ({ type: "summary_text", text })),
  encrypted_content: "gAAAAAB",
});
const functionCall = (call_id: string, args: object) => ({
  type: "function_call",
  call_id,
  name: "weather",
  arguments: JSON.stringify(args),
});

const RESPONSES: readonly Answer[] = [
  ofResponses("text", [written]),
  ofResponses("reasoning and parallel calls", [
    reasoned(THOUGHT),
    written,
    functionCall("call_1", CITY),
    functionCall("call_2", {}),
  ]),
  ofResponses("reasoning in two parts", [reasoned(THOUGHT, "Then the other."), written]),
  ofResponses("a refusal", [message({ type: "refusal", refusal: "I cannot." })]),
  ...["max_output_tokens", "content_filter"].map((reason) =>
    ofResponses(`ended by ${reason}`, [written], { status: "incomplete", incomplete_details: { reason } }),
  ),
];

export const ANSWERS: readonly Answer[] = [...MESSAGES, ...GEMINI, ...CONVERSE, ...CHAT, ...RESPONSES];
