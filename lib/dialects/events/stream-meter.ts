import type { Said } from "#lib/dialects/said";
import { addCounted, type RareCharacters } from "#lib/dialects/text/rare-characters";
import { isPartial, type ReportedUsage } from "#lib/dialects/usage";
import type { ErrorFields } from "#lib/http/api-error";
import {
  type EventLines,
  eventBytes,
  eventLines,
  HEARTBEAT,
  isBetweenEvents,
  lastEvent,
  nextEvent,
  type StreamEvent,
  takeBytes,
} from "./event-lines";
import { type AnswerMeter, gatheredNothing, noteBeyondEnd, takeLate } from "./further-answers";
import { noteUsage, unreported } from "./noted-usage";

/** Why a stream cannot go on; `detail` is the object that reports the provider's error, not yet scrubbed. */
export type StreamFault = { kind: "provider_error"; detail: unknown } | { kind: "broken" };

/**
 * Follows a stream by its bytes: relays whole events, holds back what must wait for the settlement, and reads
 * the usage. Plain data; `pushBytes` moves it on.
 */
export type StreamMeter = AnswerMeter & {
  reader: EventReader;
  /** Whether the client asked for the usage. */
  passUsage: boolean;
  lines: EventLines;
  /** Events that wait for the settlement. */
  held: Buffer[];
  fault: StreamFault | null;
  /** Reads what follows a provider's error or the terminal event, for its usage; null before. */
  afterEnd: StreamMeter | null;
  /** It is such a meter: more errors and terminal events may come before the usage. */
  isAfterEnd: boolean;
  /** Whether the server may append further answers: then the stream is read beyond its end. */
  goesOn: boolean;
  /** The id of the answer that is read; null without one. */
  answerId: string | null;
};

export type Verdict = "relay" | "hold" | "drop" | "alive";

/** Whole events in a row, each with a text and nothing else, which are relayed: where they are in a chunk. */
export type PlainRun = {
  start: number;
  end: number;
  events: number;
  /** What their texts count as (lib/dialects/text/shown-bytes.ts). */
  bytes: number;
  rare: RareCharacters;
};

/** Where such events are known to be, so that they need not be read. */
type PlainReader = {
  in: (chunk: Buffer) => PlainRun | null;
  /** Notes what else is known once they are relayed. */
  note: (meter: StreamMeter) => void;
};

/** What a dialect knows about its events. */
export type EventReader = {
  /** The names of events that its clients know; none for a dialect without names. What is like one of them is relayed, too. */
  names: ReadonlySet<string>;
  /** Whether the first event of a stream counts its input. */
  inputFirst?: boolean;
  /**
   * Reads one event into the meter: relay it now, hold it until the row is settled, drop it, or relay only that the
   * provider is alive.
   * @param name empty without one
   */
  read: (meter: StreamMeter, payload: Buffer, name: string) => Verdict;
  /** For chunks whose texts are known without being read; absent: there are no such chunks. */
  plain?: PlainReader | undefined;
  /** What was reported, where events of the dialect have no place for it: after an error there are none. */
  reported?: () => ReportedUsage | null;
  /** Notes the same before an end, in a stream that has said nothing since; absent: events have all that is reported. */
  note?: (meter: StreamMeter) => void;
  /** What ends a whole stream, after the events that were held. */
  terminal: (meter: StreamMeter) => Buffer;
  /** The event that tells the client that the stream has failed. */
  failed: (error: ErrorFields, meter: StreamMeter) => Buffer;
};

/** What a meter needs to know of the client's request. */
export type MeterOptions = {
  passUsage: boolean;
  answers: number;
  /** Whether the server may append further answers to a stream; by default not. */
  goesOn?: boolean;
};

export function streamMeter(reader: EventReader, options: MeterOptions): StreamMeter {
  const { passUsage, answers, goesOn = false } = options;
  return {
    reader,
    passUsage,
    lines: eventLines(reader.names),
    held: [],
    ...unreported(),
    report: null,
    done: false,
    answers: Math.max(1, answers),
    finishedAnswers: [],
    finished: false,
    fault: null,
    afterEnd: null,
    isAfterEnd: false,
    goesOn,
    gathered: null,
    isFurther: false,
    answerId: null,
    hasContent: false,
    contentEvents: 0,
    webSearches: 0,
  };
}

/**
 * Takes the provider's next bytes.
 * @returns what can be relayed now: whole events in order, without copying what goes through unchanged. Of comments
 * and other fields, which may contain anything, only that they came. Nothing after the terminal event, an error or
 * a broken event is relayed.
 */
export function pushBytes(meter: StreamMeter, bytes: Buffer): Buffer[] {
  const run = meter.reader.plain?.in(bytes) ?? null;
  if (run === null) return readBytes(meter, bytes);
  const relayed = run.start === 0 ? [] : readBytes(meter, bytes.subarray(0, run.start));
  if (meter.done || meter.fault || !isBetweenEvents(meter.lines))
    return [...relayed, ...readBytes(meter, bytes.subarray(run.start))];
  notePlain(meter, run);
  relayed.push(bytes.subarray(run.start, run.end));
  return run.end === bytes.length ? relayed : [...relayed, ...readBytes(meter, bytes.subarray(run.end))];
}

function notePlain(meter: StreamMeter, { events, bytes, rare }: PlainRun): void {
  meter.contentEvents += events;
  meter.contentBytes += bytes;
  addCounted(meter.rare, rare);
  meter.hasContent = true;
  meter.reader.plain?.note(meter);
}

function readBytes(meter: StreamMeter, bytes: Buffer): Buffer[] {
  const { lines } = meter;
  if (meter.done || meter.fault) {
    readAfterEnd(meter, bytes);
    return [];
  }
  takeBytes(lines, bytes);
  const relayed: Buffer[] = [];
  /** Events in a row that are relayed as they came. */
  let runStart = 0;
  let runEnd = 0;
  const endRun = () => {
    if (runEnd > runStart) relayed.push(lines.text.subarray(runStart, runEnd));
    runStart = runEnd;
  };
  for (let event = nextEvent(lines); event !== null; event = nextEvent(lines)) {
    const verdict = readEvent(meter, event);
    if (verdict === "relay" && event.start !== -1) {
      if (event.start !== runEnd) {
        endRun();
        runStart = event.start;
      }
      runEnd = event.end;
    } else if (verdict !== "drop") {
      endRun();
      if (verdict === "hold") meter.held.push(eventBytes(event, lines.text));
      else if (verdict === "relay") relayed.push(eventBytes(event, lines.text));
      else if (relayed.at(-1) !== HEARTBEAT) relayed.push(HEARTBEAT);
    }
    if (meter.done || meter.fault) break;
  }
  endRun();
  noteUnsaid(meter);
  if (lines.isTooLarge) meter.fault ??= { kind: "broken" };
  readAfterEnd(meter, lines.text.subarray(lines.at));
  if (meter.done || meter.fault) meter.lines = eventLines(lines.names);
  return relayed;
}

function noteUnsaid(meter: StreamMeter): void {
  if (!meter.isAfterEnd && !meter.done && !meter.fault) meter.reader.note?.(meter);
}

/**
 * Whether a usage may follow: some providers report what an answer has cost after the error that ended it, and some
 * after the terminal event.
 */
export function mayReportUsage({ done, fault, usage, afterEnd }: StreamMeter): boolean {
  if (!done && fault?.kind !== "provider_error") return false;
  return (usage === null || isPartial(usage)) && !afterEnd?.fault;
}

/** Whether what follows the terminal event is read, too. */
export const isReadBeyondEnd = ({ done, goesOn, afterEnd }: StreamMeter): boolean =>
  done && goesOn && !afterEnd?.fault;

function readAfterEnd(meter: StreamMeter, bytes: Buffer): void {
  const isBeyondEnd = isReadBeyondEnd(meter);
  if (!isBeyondEnd && !mayReportUsage(meter)) return;
  if (meter.afterEnd === null) {
    meter.afterEnd = streamMeter(meter.reader, { passUsage: true, answers: meter.answers });
    meter.afterEnd.isAfterEnd = true;
    meter.afterEnd.answerId = meter.answerId;
    if (isBeyondEnd) meter.afterEnd.gathered = gatheredNothing();
  }
  pushBytes(meter.afterEnd, bytes);
  noteAfterEnd(meter, meter.afterEnd);
}

function noteAfterEnd(meter: StreamMeter, { gathered, usage, statedCostPicoUsd }: StreamMeter): void {
  const reported = meter.reader.reported?.() ?? usage;
  const late = gathered === null ? { usage: reported, statedCostPicoUsd } : takeLate(gathered);
  noteUsage(meter, late.usage);
  meter.statedCostPicoUsd = late.statedCostPicoUsd ?? meter.statedCostPicoUsd;
}

/**
 * Takes the provider's clean end. Some leave out the blank line after the last event: it counts if it can be
 * read, and gets its blank line.
 * @returns what can be relayed now
 */
export function pushEnd(meter: StreamMeter): Buffer[] {
  if (meter.afterEnd) {
    pushEnd(meter.afterEnd);
    noteAfterEnd(meter, meter.afterEnd);
  }
  meter.isSumDue = false;
  noteUnsaid(meter);
  if (meter.done || meter.fault) return [];
  const event = lastEvent(meter.lines);
  if (event === null) return [];
  const verdict = readEvent(meter, event);
  const bytes = eventBytes(event, meter.lines.text);
  if (verdict === "relay") return [bytes];
  if (verdict === "hold") meter.held.push(bytes);
  return [];
}

function readEvent(meter: StreamMeter, { payload, name }: StreamEvent): Verdict {
  if (payload === null) return "alive";
  const verdict = meter.reader.read(meter, payload, name);
  if (!meter.isAfterEnd) return verdict;
  noteBeyondEnd(meter);
  meter.done = false;
  if (meter.fault?.kind === "provider_error") meter.fault = null;
  return "drop";
}

/** Notes that an answer is complete. */
export function finishAnswer(meter: StreamMeter, index: number): void {
  if (meter.finished || meter.finishedAnswers.includes(index)) return;
  meter.finishedAnswers.push(index);
  meter.finished = meter.finishedAnswers.length >= meter.answers;
}

/**
 * Notes what one event has of an answer's text.
 * @param bytes that it counts as (lib/dialects/text/shown-bytes.ts)
 */
export function noteContent(meter: StreamMeter, bytes: number): void {
  if (bytes === 0) return;
  meter.contentEvents += 1;
  meter.contentBytes += bytes;
}

/** What the provider has said: content stays content, also if an error follows. */
export function saidBy(meter: StreamMeter): Said {
  if (meter.hasContent || meter.finishedAnswers.length > 0) return "content";
  if (meter.fault !== null) return meter.fault.kind === "provider_error" ? "error" : "unusable";
  return "nothing";
}
