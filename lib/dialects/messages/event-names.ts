import { eventOf } from "#lib/dialects/events/event-payloads";
import type { JsonObject } from "#lib/dialects/text/json-fields";

/** The events of a stream that Anthropic's clients know. */
export const EVENT_NAMES: ReadonlySet<string> = new Set([
  "message_start",
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
  "ping",
  "error",
]);

/** An event as Anthropic writes it, with its type as its name. */
export const namedEvent = (payload: JsonObject & { type: string }): string =>
  `event: ${payload.type}\n${eventOf(payload)}`;

/** What ends a whole stream. */
export const MESSAGE_STOP = Buffer.from(namedEvent({ type: "message_stop" }));
