import { typedEvent } from "#lib/dialects/events/event-payloads";
import { type Played, playStream } from "#lib/dialects/testing/play-stream";
import { responsesEvents } from "../events";

let sequence = 0;

/** An event of a type, with other fields. */
export const event = (type: string, fields: object) =>
  typedEvent(`response.${type}`, { sequence_number: sequence++, ...fields });

export const USAGE = {
  input_tokens: 36,
  input_tokens_details: { cached_tokens: 20 },
  output_tokens: 87,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 123,
};
export const response = (fields: object) => ({
  id: "resp_1",
  object: "response",
  status: "in_progress",
  error: null,
  output: [],
  usage: null,
  ...fields,
});
const BARE_MESSAGE = { type: "message", id: "msg_1", role: "assistant", status: "completed" };
/** A message of the model's. */
export const message = (words: string) => ({
  ...BARE_MESSAGE,
  content: [{ type: "output_text", text: words, annotations: [] }],
});

export const CREATED = event("created", { response: response({}) });
export const text = (delta: string) =>
  event("output_text.delta", { item_id: "msg_1", output_index: 0, content_index: 0, delta });
export const itemDone = (words: string) =>
  event("output_item.done", { output_index: 0, item: message(words) });
export const ended = (status: string, fields: object = { usage: USAGE }) =>
  event(status, { response: response({ status, ...fields }) });

/** A short answer, as developers.openai.com/api/docs/guides/streaming-responses shows it, without its end. */
export const ANSWER = [
  CREATED,
  event("output_item.added", {
    output_index: 0,
    item: { ...BARE_MESSAGE, status: "in_progress", content: [] },
  }),
  text("Hello"),
  text('! \u{1f600} \\u00e9 "delta":"x"'),
  itemDone('Hello! \u{1f600} \\u00e9 "delta":"x"'),
].join("");

/** Meters the pieces of a stream. */
export const play = (pieces: readonly Buffer[]): Played => playStream(responsesEvents, pieces);

/** The same for a stream in one piece. */
export const playText = (stream: string) => play([Buffer.from(stream)]);
