import { type Played, playStream } from "#lib/dialects/testing/play-stream";
import { namedEvent } from "../event-names";
import { messagesEvents } from "../events";

/** An event of a type, with other fields. */
export const event = (type: string, fields: object) => namedEvent({ type, ...fields });

/** A message without content. */
export const message = (fields: object) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-test",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  ...fields,
});

/** 100 tokens read anew, 3 000 written to caches and 50 000 read from one. */
export const CACHED_USAGE = {
  input_tokens: 100,
  cache_creation_input_tokens: 3_000,
  cache_creation: { ephemeral_5m_input_tokens: 2_000, ephemeral_1h_input_tokens: 1_000 },
  cache_read_input_tokens: 50_000,
  output_tokens: 400,
};

/** What a compaction took besides is in its iterations alone. */
export const COMPACTED_USAGE = {
  input_tokens: 682,
  output_tokens: 1_320,
  iterations: [
    { type: "compaction", input_tokens: 60_385, output_tokens: 592 },
    { type: "message", input_tokens: 682, output_tokens: 1_320 },
  ],
};

export const START = event("message_start", {
  message: message({ usage: { input_tokens: 25, output_tokens: 1 } }),
});
export const PING = namedEvent({ type: "ping" });
export const STOP = namedEvent({ type: "message_stop" });
export const started = (block: object) => event("content_block_start", { index: 0, content_block: block });
export const delta = (fields: object) => event("content_block_delta", { index: 0, delta: fields });
export const text = (words: string) => delta({ type: "text_delta", text: words });
export const stopped = () => event("content_block_stop", { index: 0 });
export const ended = (stopReason: string | null, usage: object) =>
  event("message_delta", { delta: { stop_reason: stopReason, stop_sequence: null }, usage });

/** A short answer, as platform.claude.com/docs/en/build-with-claude/streaming shows it. */
export const ANSWER = [
  START,
  started({ type: "text", text: "" }),
  PING,
  text("Hello"),
  text("! \u{1f600} \\u00e9"),
  stopped(),
  ended("end_turn", { output_tokens: 15 }),
].join("");

/** Meters the pieces of a stream. */
export const play = (pieces: readonly Buffer[]): Played => playStream(messagesEvents, pieces);
export const playText = (stream: string) => play([Buffer.from(stream)]);
