import {
  ANSWER,
  CACHED_USAGE,
  event,
  message,
  START,
  STOP,
} from "#lib/dialects/messages/testing/played-message";
import { raw, type Scenario } from "#lib/testing/upstream/scenario";

const answer = (fields: object) =>
  message({
    content: [{ type: "text", text: "Hello" }],
    stop_reason: "end_turn",
    usage: CACHED_USAGE,
    ...fields,
  });
const failure = (type: string, words: string) =>
  JSON.stringify({ type: "error", error: { type, message: words }, request_id: "req_theirs" });
const failed = (type: string, words: string) => event("error", { error: { type, message: words } });
/** The beginning of a stream, with the usage of its input. */
export const BEGINNING = event("message_start", {
  message: message({ usage: { ...CACHED_USAGE, output_tokens: 1 } }),
});
const ended = (reason: string, usage: object, details: object = {}) =>
  event("message_delta", { delta: { stop_reason: reason, stop_sequence: null, ...details }, usage });
/** Its text. */
export const BLOCKS = [
  event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
  event("content_block_delta", { index: 0, delta: { type: "text_delta", text: "Hello" } }),
  event("content_block_stop", { index: 0 }),
].join("");
export const REFUSED = ended(
  "refusal",
  { output_tokens: 400 },
  { stop_details: { type: "refusal", category: "cyber" } },
);

const whole = (body: string, status = 200): Scenario =>
  raw(status, { "content-type": "application/json" }, body);
const stream = (...parts: string[]): Scenario => raw(200, { "content-type": "text/event-stream" }, parts);
/** A whole message, and the same as a stream. */
export const WHOLE = JSON.stringify(answer({}));
export const STREAM = BEGINNING + BLOCKS + ended("end_turn", { output_tokens: 400 }) + STOP;

/** How a provider of messages may answer, by the name of its model. */
export const MESSAGE_SCENARIOS: Readonly<Record<string, Scenario>> = {
  whole: whole(WHOLE),
  uncounted: whole(JSON.stringify(answer({ usage: undefined }))),
  stream: stream(STREAM),
  refusal: stream(BEGINNING, BLOCKS, REFUSED, STOP),
  "uncounted-stream": stream(ANSWER.replaceAll(/"usage":\{[^}]*\}/g, '"usage":null'), STOP),
  compacted: stream(
    START,
    BLOCKS,
    ended("end_turn", {
      output_tokens: 40,
      iterations: [
        { type: "compaction", input_tokens: 60_000, output_tokens: 500 },
        { type: "message", input_tokens: 25, output_tokens: 40 },
      ],
    }),
    STOP,
  ),
  "whole-for-stream": whole(WHOLE),
  "stream-for-whole": stream(STREAM),
  "failed-first": stream(failed("overloaded_error", "Overloaded")),
  "failed-late": stream(BEGINNING, BLOCKS, failed("overloaded_error", "Overloaded")),
  "failed-late-by-us": stream(
    BEGINNING,
    BLOCKS,
    failed("authentication_error", "invalid x-api-key {{api_key}}"),
  ),
  broken: stream(BEGINNING, BLOCKS),
  invalid: whole(failure("invalid_request_error", "context_management: Extra inputs are not permitted"), 400),
  "too-long": whole(
    failure("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    400,
  ),
  "our-key": whole(failure("authentication_error", "invalid x-api-key"), 401),
  overloaded: whole(failure("overloaded_error", "Overloaded"), 529),
  limited: raw(
    429,
    { "content-type": "application/json", "retry-after": "7" },
    failure("rate_limit_error", "Number of request tokens has exceeded your limit"),
  ),
  chat: whole('{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}'),
};
