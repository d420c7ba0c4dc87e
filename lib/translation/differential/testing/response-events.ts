import { typedEvent } from "#lib/dialects/events/event-payloads";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** What a stream says of a response, as OpenAI documents it (developers.openai.com/api/reference/resources/responses/streaming-events). */
export function responseEvents(response: JsonObject): string {
  const begun = { ...response, status: "in_progress", output: [], usage: null, incomplete_details: null };
  const ended = `response.${response.status === "incomplete" ? "incomplete" : "completed"}`;
  const events: [type: string, fields: JsonObject][] = [
    ["response.created", { response: begun }],
    ...objects(response.output).flatMap(itemEvents),
    [ended, { response }],
  ];
  return events
    .map(([type, fields], sequence_number) => typedEvent(type, { sequence_number, ...fields }))
    .join("");
}

type Event = [type: string, fields: JsonObject];

function itemEvents(item: JsonObject, output_index: number): Event[] {
  const at = { item_id: item.id, output_index };
  const begun = { ...item, status: "in_progress", content: [], summary: [], arguments: "" };
  return [
    ["response.output_item.added", { output_index, item: begun }],
    ...objects(item.summary).flatMap((part, summary_index) => summaryEvents(part, { ...at, summary_index })),
    ...objects(item.content).flatMap((part, content_index) => partEvents(part, { ...at, content_index })),
    ...halves(item.arguments).map(
      (delta): Event => ["response.function_call_arguments.delta", { ...at, delta }],
    ),
    ["response.output_item.done", { output_index, item }],
  ];
}

function summaryEvents(part: JsonObject, at: JsonObject): Event[] {
  return [
    ["response.reasoning_summary_part.added", { ...at, part: { ...part, text: "" } }],
    ...halves(part.text).map((delta): Event => ["response.reasoning_summary_text.delta", { ...at, delta }]),
    ["response.reasoning_summary_text.done", { ...at, text: part.text }],
    ["response.reasoning_summary_part.done", { ...at, part }],
  ];
}

function partEvents(part: JsonObject, at: JsonObject): Event[] {
  const [kind, text] = part.type === "refusal" ? ["refusal", part.refusal] : ["output_text", part.text];
  return [
    [
      "response.content_part.added",
      { ...at, part: { ...part, [part.type === "refusal" ? "refusal" : "text"]: "" } },
    ],
    ...halves(text).map((delta): Event => [`response.${kind}.delta`, { ...at, delta }]),
    ["response.content_part.done", { ...at, part }],
  ];
}

const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

const halves = (text: unknown): string[] =>
  typeof text === "string" ? [text.slice(0, text.length / 2), text.slice(text.length / 2)] : [];
