import type { JsonObject } from "#lib/dialects/text/json-fields";
import { type ConverseAnswer, eventsOf, sseOf, wholeOf } from "#lib/translation/testing/converse/answers";
import { SIGNATURE } from "#lib/translation/testing/converse/strict";
import type { RawAnswer, WireAnswers } from "./wire-answers";

const usage = {
  inputTokens: 20,
  outputTokens: 40,
  totalTokens: 140,
  cacheReadInputTokens: 50,
  cacheWriteInputTokens: 30,
  cacheDetails: [
    { ttl: "1h", inputTokens: 20 },
    { ttl: "5m", inputTokens: 10 },
  ],
};
const answer = (content: readonly JsonObject[], others: Partial<ConverseAnswer> = {}): RawAnswer => {
  const given = { content, usage, ...others };
  return { whole: wholeOf(given), events: sseOf(eventsOf(given)) };
};
const rain = { text: "Rain." };
const call = (toolUseId: string, city: string) => ({ toolUse: { toolUseId, name: "look", input: { city } } });
const thought = { reasoningContent: { reasoningText: { text: "Hm.", signature: SIGNATURE } } };
const cited = (citation: JsonObject) =>
  answer([{ citationsContent: { content: [rain], citations: [citation] } }]);
const page = { title: "A", sourceContent: [], location: { web: { url: "https://example.com/a" } } };
const place = {
  title: "D",
  sourceContent: [{ text: "grass" }],
  location: { documentChar: { documentIndex: 0, start: 4, end: 9 } },
};
const text = answer([rain]);
const calls = answer([call("call_1", "Paris"), call("call_2", "Rome")], { stopReason: "tool_use" });
const begun = eventsOf({ content: [rain] }, false);

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, …ConverseStream.html */
export const converseAnswers: WireAnswers = {
  model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  rows: {
    text,
    "reasoning, its text": answer([thought, rain]),
    "reasoning, its proof": answer([thought, call("call_1", "Paris")], { stopReason: "tool_use" }),
    "a call of a tool": answer([call("call_1", "Paris")], { stopReason: "tool_use" }),
    "parallel calls": calls,
    "ended: stop": text,
    "ended: output bound": answer([rain], { stopReason: "max_tokens" }),
    "ended: calls": calls,
    "ended: refused or filtered": answer([rain], { stopReason: "guardrail_intervened" }),
    "ended: stop sequence, which": answer([rain], {
      stopReason: "stop_sequence",
      additional: { stop_sequence: "END" },
    }),
    "usage: input, output": text,
    "usage: read from the cache": text,
    "usage: written to the cache": text,
    "usage: written for an hour": text,
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
  },
  failing: {
    first: sseOf([["throttlingException", { message: "Overloaded." }]]),
    late: sseOf([...begun, ["modelStreamErrorException", { message: "Overloaded." }]]),
    cut: sseOf(begun),
  },
};
