import type { JsonObject } from "#lib/dialects/text/json-fields";
import {
  type ConverseAnswer,
  eventsOf,
  sseOf,
  USAGE,
  wholeOf,
} from "#lib/translation/testing/converse/answers";
import { SIGNATURE } from "#lib/translation/testing/converse/strict";
import { COUNTED, type RawAnswer, saidInParts, type WireAnswers } from "./wire-answers";

const usage = { ...USAGE, inputTokens: 20, totalTokens: 140 };
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
const said = saidInParts<JsonObject>(
  answer,
  { rain, thought, call },
  { calls: "tool_use", bound: "max_tokens", filter: "guardrail_intervened" },
);
const begun = eventsOf({ content: [rain] }, false);

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, …ConverseStream.html */
export const converseAnswers: WireAnswers = {
  model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  said: {
    ...said,
    stopped: answer([rain], {
      stopReason: "stop_sequence",
      additional: { stop_sequence: "END" },
    }),
    citingPages: cited(page),
    citingDocuments: cited(place),
  },
  streaming: said.callingTwice.events,
  counted: { ...COUNTED, cacheWrite1hTokens: 20 },
  failing: {
    first: sseOf([["throttlingException", { message: "Overloaded." }]]),
    late: sseOf([...begun, ["modelStreamErrorException", { message: "Overloaded." }]]),
    cut: sseOf(begun),
  },
};
