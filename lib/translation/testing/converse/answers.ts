import type { JsonObject } from "#lib/dialects/text/json-fields";
import { smithyFrame } from "#lib/providers/testing/smithy";
import { SIGNATURE } from "./strict";

/** An answer of Converse: the blocks of its message, and what it reports. */
export type ConverseAnswer = {
  content: readonly JsonObject[];
  stopReason?: string;
  usage?: JsonObject;
  /** Of the model's, such as the stop sequence that Claude has come to. */
  additional?: JsonObject;
};

/** What Bedrock reports: what the cache had and what was written to it are apart from the input. */
export const USAGE = {
  inputTokens: 100,
  outputTokens: 40,
  totalTokens: 220,
  cacheReadInputTokens: 50,
  cacheWriteInputTokens: 30,
  cacheDetails: [
    { ttl: "1h", inputTokens: 20 },
    { ttl: "5m", inputTokens: 10 },
  ],
};

const use = (toolUseId: string, city: string) => ({
  toolUse: { toolUseId, name: "get_weather", input: { city } },
});

export const TEXT: ConverseAnswer = { content: [{ text: "Good morning." }] };
/** Signed reasoning, and two calls at once. */
export const CALLS: ConverseAnswer = {
  content: [
    { reasoningContent: { reasoningText: { text: "Two cities.", signature: SIGNATURE } } },
    { text: "Let me look." },
    use("tooluse_1", "Paris"),
    use("tooluse_2", "Rome"),
  ],
  stopReason: "tool_use",
};

/** The body of a whole answer. */
export const wholeOf = ({
  content,
  stopReason = "end_turn",
  usage = USAGE,
  additional,
}: ConverseAnswer): JsonObject => ({
  output: { message: { role: "assistant", content } },
  stopReason,
  usage,
  metrics: { latencyMs: 900 },
  ...(additional === undefined ? {} : { additionalModelResponseFields: additional }),
});

/** An event of a stream, by its name. */
export type ConverseEvent = readonly [name: string, payload: JsonObject];

/** The events of an answer, as Bedrock streams it, up to the end of its content or to the end of all. */
export function eventsOf(answer: ConverseAnswer, isWhole = true): ConverseEvent[] {
  const { content, stopReason = "end_turn", usage = USAGE, additional } = answer;
  const blocks = content.flatMap((block, contentBlockIndex): ConverseEvent[] => [
    ...blockEvents(block).map(([name, payload]): ConverseEvent => [name, { ...payload, contentBlockIndex }]),
    ["contentBlockStop", { contentBlockIndex }],
  ]);
  const start: ConverseEvent = ["messageStart", { role: "assistant" }];
  if (!isWhole) return [start, ...blocks];
  const fields = additional === undefined ? {} : { additionalModelResponseFields: additional };
  return [
    start,
    ...blocks,
    ["messageStop", { stopReason, ...fields }],
    ["metadata", { usage, metrics: { latencyMs: 900 } }],
  ];
}

const halves = (text: string): string[] => [text.slice(0, text.length / 2), text.slice(text.length / 2)];
const part = (delta: JsonObject): ConverseEvent => ["contentBlockDelta", { delta }];

function blockEvents({ text, toolUse, reasoningContent, citationsContent }: JsonObject): ConverseEvent[] {
  if (citationsContent !== undefined) {
    const { content, citations } = Object(citationsContent);
    return [
      ...content.flatMap((said: JsonObject) => blockEvents(said)),
      ...citations.map((citation: JsonObject) => part({ citation })),
    ];
  }
  if (text !== undefined) return halves(String(text)).map((piece) => part({ text: piece }));
  if (toolUse !== undefined) {
    const { input, ...start } = Object(toolUse);
    return [
      ["contentBlockStart", { start: { toolUse: start } }],
      ...halves(JSON.stringify(input)).map((piece) => part({ toolUse: { input: piece } })),
    ];
  }
  const { reasoningText, redactedContent } = Object(reasoningContent);
  if (redactedContent !== undefined) return [part({ reasoningContent: { redactedContent } })];
  return [
    ...halves(reasoningText.text).map((piece) => part({ reasoningContent: { text: piece } })),
    ...(reasoningText.signature === undefined
      ? []
      : [part({ reasoningContent: { signature: reasoningText.signature } })]),
  ];
}

/** An event in its frame, padded as Bedrock pads it. */
export const frameOf = ([name, payload]: ConverseEvent): Buffer =>
  smithyFrame(
    { ":event-type": name, ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify({ ...payload, p: "abcdefghijkl" }),
  );

/** Events as the wire reads them of the frames. */
export const sseOf = (events: readonly ConverseEvent[]): string =>
  events.map(([name, payload]) => `event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`).join("");
