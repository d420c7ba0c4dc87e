import { namedEvent } from "#lib/dialects/messages/event-names";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { eventsOf, type MessagesAnswer, wholeOf } from "#lib/translation/testing/messages/server";
import { SIGNATURE } from "#lib/translation/testing/messages/strict";
import { COUNTED, type RawAnswer, saidInParts, type WireAnswers } from "./wire-answers";

const usage = {
  output_tokens: 40,
  output_tokens_details: { thinking_tokens: 15 },
  input_tokens: 20,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 50,
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
const ends = { calls: "tool_use", bound: "max_tokens", filter: "refusal" };
const said = saidInParts<JsonObject>(answer, { call, rain, thought }, ends);
const error = namedEvent({ type: "error", error: { type: "overloaded_error", message: "Overloaded." } });

/** platform.claude.com/docs/en/api/messages, …/build-with-claude/streaming, …/handling-stop-reasons */
export const messagesAnswers: WireAnswers = {
  model: "claude-sonnet-4-5",
  said: {
    ...said,
    citingDocuments: cited(place),
    citingPages: cited(page),
    stopped: answer([rain], { stopReason: "stop_sequence", stopSequence: "END" }),
  },
  streaming: said.callingTwice.events,
  counted: { ...COUNTED, cacheWrite1hTokens: 20, reasoningTokens: 15 },
  failing: {
    first: error,
    late: streamed({ content: [rain], usage, isLate: true }) + error,
    cut: streamed({ content: [rain], usage, isCut: true }),
  },
};
