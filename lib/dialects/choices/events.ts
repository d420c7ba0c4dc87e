import { saidInChunk } from "#lib/dialects/conversation/output-tokens";
import { openAiFailedEvent } from "#lib/dialects/errors/openai";
import { reportedError } from "#lib/dialects/errors/reported-error";
import { beginPart, noteSealed } from "#lib/dialects/events/note-sealed";
import { noteAnswerUsage, noteStatedCost, noteUsage } from "#lib/dialects/events/noted-usage";
import { endInFault, endInWords } from "#lib/dialects/events/stream-faults";
import {
  type EventReader,
  finishAnswer,
  noteContent,
  type StreamMeter,
  type Verdict,
} from "#lib/dialects/events/stream-meter";
import { usageIn, usageOfAnswers } from "#lib/dialects/openai-usage";
import { rejectCostlyJson } from "#lib/dialects/text/json-cost";
import { isObject } from "#lib/dialects/text/json-fields";
import { hasValue, stringLengths } from "#lib/dialects/text/json-scan";
import { shownBytesAsWritten } from "#lib/dialects/text/shown-bytes";
import { choicesOf, errorBesides, hasContent } from "./choices";
import { DONE } from "./done";

/** The fields whose text a provider bills as output tokens, the most common first. */
const CONTENT_FIELDS = [
  '"content"',
  '"reasoning_content"',
  '"reasoning"',
  '"refusal"',
  '"arguments"',
  '"text"',
];

/** Where pictures, recordings and encrypted reasoning are; a shorter chunk has little of them. */
const DATA_FIELDS = [
  '"image_url"',
  '"audio"',
  '"b64_json"',
  'signature"',
  'signatures"',
  '"encrypted_content"',
  '"reasoning.encrypted"',
  '"redacted_thinking"',
];
const SHORT_CHARACTERS = 500;
/** `[DONE]`, also as JSON or in lower case. */
const DONE_FORMS = /^"?\[DONE\]"?$/i;
const LONGEST_DONE = 8;
/** A picture has more. Searches in megabytes of small values take long. */
const LARGE_CHARACTERS = 1024 * 1024;

/** A stream of chunks, which ends in `[DONE]`. */
export const choiceEvents: EventReader = {
  names: new Set(),
  read: readEvent,
  terminal: () => DONE,
  failed: openAiFailedEvent,
};

function readEvent(meter: StreamMeter, bytes: Buffer, name: string): Verdict {
  if (name === "error") return readError(meter, bytes.toString("utf8"));
  // One byte per character: V8 searches that fastest, and all that is searched for is ASCII.
  const payload = bytes.toString("latin1").trim();
  // No event at all by the standard, but SDKs try to parse it.
  if (payload === "") return "drop";
  if (payload.length <= LONGEST_DONE && DONE_FORMS.test(payload)) {
    meter.done = true;
    return "drop";
  }
  if (payload.length > LARGE_CHARACTERS && isCostly(payload)) return endInFault(meter, null);
  if (!isClosed(payload)) return endInWords(meter, bytes.toString("utf8"));
  const choicesAt = payload.indexOf('"choices"');
  const isCounted = choicesAt !== -1 && countContent(meter, payload, choicesAt);
  if (isCounted && isPlainChunk(payload, choicesAt)) {
    meter.hasContent = true;
    return "relay";
  }
  return readParsed(meter, bytes.toString("utf8"), isCounted);
}

/** Whether a payload can be JSON: an object, a list, as Google reports an error, or a single value. */
function isClosed(payload: string): boolean {
  switch (payload[0]) {
    case "{":
      return payload.endsWith("}");
    case "[":
      return payload.endsWith("]");
    case '"':
      return payload.length > 1 && payload.endsWith('"');
    default:
      return /^(?:null|true|false|-?\d[\d.eE+-]{0,400})$/.test(payload);
  }
}

/** Whether a chunk with text neither reports an error or usage, nor finishes an answer, nor has such data. */
const isPlainChunk = (payload: string, choicesAt: number): boolean =>
  !(
    (payload.length > SHORT_CHARACTERS && DATA_FIELDS.some((field) => payload.includes(field))) ||
    payload.includes('"error"') ||
    hasValue(payload, '"usage"', "{") ||
    stringLengths(payload, '"finish_reason"', choicesAt) > 0
  );

/** @param isCounted whether its text is counted already */
function readParsed(meter: StreamMeter, payload: string, isCounted: boolean): Verdict {
  let chunk: unknown;
  try {
    // An event of many megabytes of brackets would take seconds.
    rejectCostlyJson(payload);
    chunk = JSON.parse(payload);
  } catch {
    return endInFault(meter, null);
  }
  if (!isObject(chunk)) return readNoObject(meter, chunk);
  const choices = choicesOf(chunk);
  const error = reportedError(chunk, choices.length > 0) ?? errorBesides(chunk);
  const usage = usageIn(chunk);
  noteStatedCost(meter, chunk);
  const { textBytes, sealedCharacters, mediaTokens } = saidInChunk(choices, isCounted ? null : meter.rare);
  meter.mediaTokens += mediaTokens;
  if (!isCounted) noteContent(meter, textBytes);
  beginPart(meter);
  noteSealed(meter, sealedCharacters);
  const ofAnswers = meter.answers > 1 ? usageOfAnswers(chunk) : [];
  for (const { index, usage: ofOne } of ofAnswers) noteAnswerUsage(meter, index, ofOne);
  if (ofAnswers.length === 0) noteUsage(meter, usage);
  if (error !== null) {
    meter.fault = { kind: "provider_error", detail: error };
    return "drop";
  }
  for (const choice of choices) {
    if (hasContent(choice)) meter.hasContent = true;
    noteFinish(meter, choice);
  }
  // What only reports the usage is for clients that asked for it.
  if (usage !== null) return meter.passUsage || choices.length > 0 ? "relay" : "drop";
  // What is no chunk is for no client.
  return Array.isArray(chunk.choices) ? "relay" : "alive";
}

function isCostly(payload: string): boolean {
  try {
    rejectCostlyJson(payload);
    return false;
  } catch {
    return true;
  }
}

/** Google reports an error in a list, some servers as a text; else only `null` is harmless. */
function readNoObject(meter: StreamMeter, value: unknown): Verdict {
  if (value === null) return "alive";
  return endInFault(meter, reportedError(value, meter.hasContent));
}

/** Some providers send an empty reason with every chunk. */
function noteFinish(meter: StreamMeter, choice: unknown): void {
  if (!isObject(choice) || typeof choice.finish_reason !== "string" || choice.finish_reason === "") return;
  finishAnswer(meter, typeof choice.index === "number" ? choice.index : 0);
}

/** An event whose name says that it is an error, whatever its data look like. */
function readError(meter: StreamMeter, payload: string): "drop" {
  const words = payload.trim();
  if (/^[{["]/.test(words)) readParsed(meter, words, false);
  if (meter.fault?.kind !== "provider_error") {
    meter.fault = { kind: "provider_error", detail: { message: words } };
  }
  return "drop";
}

/** Counts the event's texts, found without parsing it; false if it has none. */
function countContent(meter: StreamMeter, payload: string, choicesAt: number): boolean {
  for (const field of CONTENT_FIELDS) {
    const bytes = stringLengths(payload, field, choicesAt, shownBytesAsWritten, meter.rare);
    if (bytes === 0) continue;
    // Providers send one kind of text per event.
    noteContent(meter, bytes);
    return true;
  }
  return false;
}
