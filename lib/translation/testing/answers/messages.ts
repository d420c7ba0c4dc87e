import { namedEvent } from "#lib/dialects/messages/event-names";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { eventsOf, type MessagesAnswer, wholeOf } from "#lib/translation/testing/messages/server";
import { SIGNATURE } from "#lib/translation/testing/messages/strict";
import type { RawAnswer, WireAnswers } from "./wire-answers";

const usage = {
  input_tokens: 20,
  cache_read_input_tokens: 50,
  cache_creation_input_tokens: 30,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 40,
  output_tokens_details: { thinking_tokens: 15 },
};
const streamed = (given: MessagesAnswer): string => eventsOf(given).map(namedEvent).join("");
const answer = (content: readonly JsonObject[], others: Partial<MessagesAnswer> = {}): RawAnswer => {
  const given = { content, usage, ...others };
  return { whole: wholeOf(given), events: streamed(given) };
};
const rain = { type: "text", text: "Rain." };
const call = (id: string, city: string) => ({ type: "tool_use", id, name: "look", input: { city } });
const thought = { type: "thinking", thinking: "Hm.", signature: SIGNATURE };
const cited = (citation: JsonObject) => answer([{ ...rain, citations: [citation] }]);
const page = {
  type: "web_search_result_location",
  url: "https://example.com/a",
  title: "A",
  cited_text: "",
  encrypted_index: "x",
};
const place = {
  type: "char_location",
  cited_text: "grass",
  document_index: 0,
  start_char_index: 4,
  end_char_index: 9,
};
const text = answer([rain]);
const calls = answer([call("call_1", "Paris"), call("call_2", "Rome")], { stopReason: "tool_use" });
const error = namedEvent({ type: "error", error: { type: "overloaded_error", message: "Overloaded." } });

/** platform.claude.com/docs/en/api/messages, …/build-with-claude/streaming, …/handling-stop-reasons */
export const messagesAnswers: WireAnswers = {
  model: "claude-sonnet-4-5",
  rows: {
    text,
    "reasoning, its text": answer([thought, rain]),
    "reasoning, its proof": answer([thought, call("call_1", "Paris")], { stopReason: "tool_use" }),
    "a call of a tool": answer([call("call_1", "Paris")], { stopReason: "tool_use" }),
    "parallel calls": calls,
    "ended: stop": text,
    "ended: output bound": answer([rain], { stopReason: "max_tokens" }),
    "ended: calls": calls,
    "ended: refused or filtered": answer([rain], { stopReason: "refusal" }),
    "ended: stop sequence, which": answer([rain], { stopReason: "stop_sequence", stopSequence: "END" }),
    "usage: input, output": text,
    "usage: read from the cache": text,
    "usage: written to the cache": text,
    "usage: written for an hour": text,
    "usage: reasoning": text,
    "cited pages of the web": cited(page),
    "cited documents": cited(place),
  },
  calling: calls.events,
  counted: {
    inputTokens: 100,
    cachedTokens: 50,
    cacheWriteTokens: 30,
    outputTokens: 40,
    cacheWrite1hTokens: 20,
    reasoningTokens: 15,
  },
  failing: {
    first: error,
    late: streamed({ content: [rain], usage, isLate: true }) + error,
    cut: streamed({ content: [rain], usage, isCut: true }),
  },
};
