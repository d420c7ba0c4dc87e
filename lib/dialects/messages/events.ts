import { anthropicFailedEvent } from "#lib/dialects/errors/anthropic";
import { reportedError } from "#lib/dialects/errors/reported-error";
import { beginAnswer } from "#lib/dialects/events/further-answers";
import { beginPart, noteSealed } from "#lib/dialects/events/note-sealed";
import { noteStatedCost, replaceUsage } from "#lib/dialects/events/noted-usage";
import { endInFault, endInWords } from "#lib/dialects/events/stream-faults";
import {
  type EventReader,
  finishAnswer,
  noteContent,
  type StreamMeter,
  type Verdict,
} from "#lib/dialects/events/stream-meter";
import { textFirst } from "#lib/dialects/events/text-first";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedEvent } from "#lib/dialects/text/parsed-object";
import { blocksOf, sealedCharacters, searchesIn, shownIn } from "./content";
import { EVENT_NAMES, MESSAGE_STOP } from "./event-names";
import { textDeltaBytes } from "./text-delta";
import { laterReport, messagesUsage } from "./usage";

const NOTHING = Buffer.alloc(0);

/** A stream of named events, which ends in `message_stop`: that one waits for the settlement. */
export const messagesEvents: EventReader = {
  names: EVENT_NAMES,
  inputFirst: true,
  read: textFirst({ textBytes: textDeltaBytes, addContent, readParsed }),
  // The provider's own is held.
  terminal: ({ done }) => (done ? NOTHING : MESSAGE_STOP),
  failed: anthropicFailedEvent,
};

function readParsed(meter: StreamMeter, payload: string, isError: boolean): Verdict {
  // No event at all by the standard, and no end in this dialect, but some servers send one.
  if (payload === "" || payload === "[DONE]") return "drop";
  const event = parsedEvent(payload);
  if (event === undefined) {
    return isError ? endInFault(meter, { message: payload }) : endInWords(meter, payload);
  }
  if (!isObject(event))
    return event === null ? "alive" : endInFault(meter, reportedError(event, meter.hasContent));
  if (isError) return endInFault(meter, event);
  return readTyped(meter, event);
}

/** By the payload's type: clients take the name or the type, and the provider writes the same in both. */
function readTyped(meter: StreamMeter, event: JsonObject): Verdict {
  switch (event.type) {
    case "message_start":
      beginAnswer(meter);
      noteReport(meter, isObject(event.message) ? event.message.usage : null, false);
      for (const block of blocksOf(event.message)) addBlock(meter, block);
      return "relay";
    case "content_block_start":
      meter.webSearches += searchesIn([event.content_block]);
      addBlock(meter, event.content_block);
      return "relay";
    case "content_block_delta":
      addPart(meter, event.delta);
      return "relay";
    case "message_delta":
      noteReport(meter, event.usage, true);
      noteStatedCost(meter, event);
      if (isObject(event.delta) && typeof event.delta.stop_reason === "string") finishAnswer(meter, 0);
      return "relay";
    case "message_stop":
      meter.done = true;
      return "hold";
    case "content_block_stop":
    case "ping":
      return "relay";
    default: {
      const error = reportedError(event, meter.hasContent);
      // Anthropic adds kinds of events, which clients skip; what has no type is no event.
      if (error === null) return typeof event.type === "string" ? "relay" : "alive";
      return endInFault(meter, error);
    }
  }
}

/** @param isOfAll whether it counts what was generated so far */
function noteReport(meter: StreamMeter, usage: unknown, isOfAll: boolean): void {
  if (!isObject(usage)) return;
  meter.report = laterReport(meter.report, usage);
  replaceUsage(meter, messagesUsage(meter.report, meter.webSearches), isOfAll);
}

function addBlock(meter: StreamMeter, block: unknown): void {
  beginPart(meter);
  addPart(meter, block);
}

function addPart(meter: StreamMeter, part: unknown): void {
  addContent(meter, shownIn(part, meter.rare));
  noteSealed(meter, sealedCharacters(part));
  // A signature alone is none.
  if (isObject(part) && part.type === "redacted_thinking") meter.hasContent = true;
}

function addContent(meter: StreamMeter, bytes: number): void {
  if (bytes === 0) return;
  meter.hasContent = true;
  noteContent(meter, bytes);
}
