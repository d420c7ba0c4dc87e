import { typedEvent } from "#lib/dialects/events/event-payloads";
import { splitResponse } from "#lib/dialects/responses/answer-forms";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { wholeOf } from "#lib/translation/testing/responses/server";
import { ENCRYPTED } from "#lib/translation/testing/responses/strict";
import { COUNTED, type RawAnswer, type WireAnswers } from "./wire-answers";

const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 50, cache_write_tokens: 30 },
  output_tokens: 40,
  output_tokens_details: { reasoning_tokens: 15 },
  total_tokens: 140,
};
const answer = (output: readonly JsonObject[], others: JsonObject = {}): RawAnswer => {
  const whole = wholeOf({ output, usage, ...others });
  return { whole, events: String(splitResponse(Buffer.from(JSON.stringify(whole)))) };
};
const message = (...content: object[]) => ({ type: "message", id: "msg_1", role: "assistant", content });
const rain = message({ type: "output_text", text: "Rain.", annotations: [] });
const call = (call_id: string, city: string) => ({
  type: "function_call",
  id: `fc_${call_id}`,
  call_id,
  name: "look",
  arguments: JSON.stringify({ city }),
});
const thought = {
  type: "reasoning",
  id: "rs_1",
  summary: [{ type: "summary_text", text: "Hm." }],
  encrypted_content: ENCRYPTED,
};
const text = answer([rain]);
const calls = answer([call("call_1", "Paris"), call("call_2", "Rome")]);
const incomplete = (reason: string) =>
  answer([rain], { status: "incomplete", incomplete_details: { reason } });
const begun =
  typedEvent("response.output_item.added", { output_index: 0, item: { ...rain, content: [] } }) +
  typedEvent("response.output_text.delta", { output_index: 0, content_index: 0, delta: "Ra" });
const place = { output_index: 0 };
const part = (delta: string) => typedEvent("response.function_call_arguments.delta", { ...place, delta });
const calling =
  typedEvent("response.output_item.added", { ...place, item: { ...call("call_1", ""), arguments: "" } }) +
  part('{"city":') +
  part('"Paris"}') +
  typedEvent("response.output_item.done", { ...place, item: call("call_1", "Paris") }) +
  typedEvent("response.completed", { response: answer([call("call_1", "Paris")]).whole });
const error = typedEvent("error", { error: { type: "server_error", message: "Overloaded." } });
const source = {
  type: "url_citation",
  url: "https://example.com/a",
  title: "A",
  start_index: 0,
  end_index: 5,
};

/** developers.openai.com/api/reference/resources/responses */
export const responsesAnswers: WireAnswers = {
  model: "gpt-5.2",
  said: {
    text,
    thinking: answer([thought, rain]),
    sealed: answer([thought, call("call_1", "Paris")]),
    calling: answer([call("call_1", "Paris")]),
    callingTwice: calls,
    bounded: incomplete("max_output_tokens"),
    filtered: incomplete("content_filter"),
    refusing: answer([message({ type: "refusal", refusal: "I cannot." })]),
    citingPages: answer([message({ type: "output_text", text: "Rain.", annotations: [source] })]),
  },
  streaming: calling,
  counted: { ...COUNTED, reasoningTokens: 15 },
  failing: { first: error, late: begun + error, cut: begun },
};
