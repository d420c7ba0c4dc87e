import { eventOf } from "#lib/dialects/events/event-payloads";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { chunksOf, wholeOf } from "#lib/translation/testing/chat/server";
import { COUNTED, type RawAnswer, type WireAnswers } from "./wire-answers";

const usage = {
  prompt_tokens: 100,
  completion_tokens: 40,
  total_tokens: 140,
  prompt_tokens_details: { cached_tokens: 50, cache_write_tokens: 30 },
  completion_tokens_details: { reasoning_tokens: 15 },
};
const answer = (message: JsonObject, finishReason?: string, stopReason?: string): RawAnswer => {
  const given = { message, usage, finishReason, stopReason };
  return { whole: wholeOf(given), events: `${chunksOf(given, true).map(eventOf).join("")}data: [DONE]\n\n` };
};
const rain = { content: "Rain." };
const call = (id: string, city: string) => ({
  id,
  type: "function",
  function: { name: "look", arguments: JSON.stringify({ city }) },
});
const text = answer(rain);
const calls = answer({ tool_calls: [call("call_1", "Paris"), call("call_2", "Rome")] }, "tool_calls");
const begun = chunksOf({ message: rain, usage, isCut: true }, true).map(eventOf).join("");
const error = eventOf({ error: { message: "Overloaded.", code: 503 } });
const source = {
  type: "url_citation",
  url_citation: { url: "https://example.com/a", title: "A", start_index: 0, end_index: 5 },
};

/** developers.openai.com/api/reference/resources/chat, api-docs.deepseek.com/guides/thinking_mode */
export const chatAnswers: WireAnswers = {
  model: "deepseek-chat",
  said: {
    text,
    thinking: answer({ ...rain, reasoning_content: "Hm." }),
    calling: answer({ tool_calls: [call("call_1", "Paris")] }, "tool_calls"),
    callingTwice: calls,
    bounded: answer(rain, "length"),
    filtered: answer(rain, "content_filter"),
    stopped: answer(rain, "stop", "END"),
    refusing: answer({ refusal: "I cannot." }),
    citingPages: answer({ ...rain, annotations: [source] }),
  },
  where: { "ended: stop sequence, which": "from vLLM and SGLang" },
  streaming: calls.events,
  counted: { ...COUNTED, reasoningTokens: 15 },
  failing: { first: error, late: begun + error, cut: begun },
};
