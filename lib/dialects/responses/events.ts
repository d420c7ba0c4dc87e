import { reportedError } from "#lib/dialects/errors/reported-error";
import { typedEvent } from "#lib/dialects/events/event-payloads";
import { beginAnswer } from "#lib/dialects/events/further-answers";
import { noteStatedCost, noteUsage } from "#lib/dialects/events/noted-usage";
import { endInFault, endInWords } from "#lib/dialects/events/stream-faults";
import {
  type EventReader,
  finishAnswer,
  noteContent,
  type StreamMeter,
  type Verdict,
} from "#lib/dialects/events/stream-meter";
import { textFirst } from "#lib/dialects/events/text-first";
import { searchesIn, usageIn } from "#lib/dialects/openai-usage";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedEvent } from "#lib/dialects/text/parsed-object";
import { addCounted, noRareCharacters } from "#lib/dialects/text/rare-characters";
import { addSealed } from "#lib/dialects/text/sealed-texts";
import type { ErrorFields } from "#lib/http/api-error";
import { errorOf, generatedBytes, sealedCharacters } from "./content";
import { EVENT_NAMES, isDelta, isTerminal } from "./event-names";
import { textDeltaBytes } from "./text-delta";

const NOTHING = Buffer.alloc(0);
/**
 * A stream of typed events, which ends in the whole response: that one waits for the settlement, since clients hang up
 * when they have it.
 */
export const responsesEvents: EventReader = {
  names: EVENT_NAMES,
  read: textFirst({ textBytes: textDeltaBytes, addContent, readParsed }),
  // The provider's own is held.
  terminal: () => NOTHING,
  failed: failedEvent,
};

function readParsed(meter: StreamMeter, payload: string, isError: boolean): Verdict {
  // No event at all by the standard, and no end in this dialect, but some servers send one.
  if (payload === "" || payload === "[DONE]") return "drop";
  const event = parsedEvent(payload);
  if (event === undefined)
    return isError ? endInFault(meter, { message: payload }) : endInWords(meter, payload);
  if (isObject(event)) {
    return isError || event.type === "error" ? endInFault(meter, errorIn(event)) : readTyped(meter, event);
  }
  return event === null ? "alive" : endInFault(meter, reportedError(event, meter.hasContent));
}

/** By the payload's type: clients take the name or the type, and the provider writes the same in both. */
function readTyped(meter: StreamMeter, event: JsonObject): Verdict {
  const { type, response } = event;
  if (isObject(response)) {
    noteId(meter, response.id, type === "response.created");
    noteUsage(meter, usageIn(response));
    noteStatedCost(meter, response);
    const error = errorOf(response);
    if (error !== null || type === "response.failed")
      return endInFault(meter, error ?? { error: event.error });
  }
  if (isTerminal(type)) {
    meter.done = true;
    finishAnswer(meter, 0);
    return "hold";
  }
  if (isDelta(type)) addContent(meter, generatedBytes(event.delta, meter.rare));
  else if (type === "response.output_item.added") {
    // The model has begun, though its reasoning may stay hidden.
    meter.hasContent = true;
    addContent(meter, generatedBytes(event.item, meter.rare));
  } else if (type === "response.output_item.done") {
    meter.webSearches += searchesIn([event.item]);
    noteDone(meter, event.item);
  } else if (typeof type !== "string") {
    const error = reportedError(event, meter.hasContent);
    return error === null ? "alive" : endInFault(meter, error);
  }
  // OpenAI adds kinds of events, which clients skip.
  return "relay";
}

/** What a meter keeps between the events of a stream, besides what all dialects have. */
type Noted = { countedBytes: number };

const notedIn = ({ report }: StreamMeter): Noted => ({
  countedBytes: typeof report?.countedBytes === "number" ? report.countedBytes : 0,
});

/** Another id is that of another response; some servers end one under an id that it did not begin with. */
function noteId(meter: StreamMeter, id: unknown, isBeginning: boolean): void {
  const isOther = typeof id === "string" ? id !== meter.answerId : isBeginning;
  if (isOther && (isBeginning || !meter.isFurther)) beginAnswer(meter);
  if (typeof id === "string") meter.answerId = id;
}

/** Some servers send whole items only. What came in parts is not counted again. */
function noteDone(meter: StreamMeter, item: unknown): void {
  const { countedBytes } = notedIn(meter);
  const rare = noRareCharacters();
  const bytes = generatedBytes(item, rare);
  const newBytes = Math.max(0, bytes - (meter.contentBytes - countedBytes));
  if (newBytes > 0) addCounted(meter.rare, rare, newBytes / bytes);
  addSealed(meter.rare, sealedCharacters(item));
  addContent(meter, newBytes);
  const noted: Noted = { countedBytes: meter.contentBytes };
  meter.report = noted;
}

function addContent(meter: StreamMeter, bytes: number): void {
  meter.hasContent ||= bytes > 0;
  noteContent(meter, bytes);
}

/** The API's own event has the error's fields beside its type; others wrap them. */
const errorIn = (event: JsonObject): JsonObject => {
  const { type: _, sequence_number: __, ...error } = event;
  return isObject(event.error) ? { error: event.error } : error;
};

/** The event that tells a client that the response has failed, as the API ends one. */
function failedEvent({ message, code, type }: ErrorFields, meter: StreamMeter): Buffer {
  const response = {
    id: meter.answerId,
    object: "response",
    status: "failed",
    error: { code: code ?? type, message },
    incomplete_details: null,
    output: [],
    usage: null,
  };
  return Buffer.from(typedEvent("response.failed", { response }));
}
