import type { AnswerDialect, Dialect } from "#lib/dialects/dialect";
import { contentOf } from "#lib/dialects/events/noted-usage";
import { type EventReader, noteContent } from "#lib/dialects/events/stream-meter";
import { parsedObject } from "#lib/dialects/text/parsed-object";
import { shownBytesAsWritten } from "#lib/dialects/text/shown-bytes";
import { inputOf, isPartial, outputOf } from "#lib/dialects/usage";
import { clientError } from "./client-errors";
import type { Reported, TextFrame } from "./delta";

/** What is known of an answer that Tollgate has written itself. */
export type Known = {
  /** What its events of one text have around it. */
  textFrames?: (() => readonly TextFrame[]) | undefined;
  /** Whether a whole answer is content, and nothing but texts. */
  isPlainWhole?: () => boolean;
};

/**
 * A client's dialect in which a translated answer is read. It takes the usage of an answer from what the provider has reported in its own form: the client's
 * may have no place for all of it. Errors are of the client's types.
 */
export function readingDialect(
  dialect: Dialect,
  reported: () => Reported | null,
  { textFrames, isPlainWhole }: Known = {},
): AnswerDialect {
  const { mostAnswerBytes, assembler, split, events } = dialect;
  return {
    mostAnswerBytes,
    assembler,
    split,
    events: readingEvents(dialect.name, events, reported, textFrames),
    async readWhole(bytes) {
      const report = reported();
      const usage = report?.usage ?? null;
      const isWhole = usage !== null && !isPartial(usage) && report?.isOfAll === true;
      if (isPlainWhole?.() && isWhole)
        return { said: "content", error: null, usage, outputTokens: 0, statedCostPicoUsd: null };
      const read = await dialect.readWhole(bytes);
      if (read.said !== "content") return { ...read, usage: usage ?? read.usage };
      if (isWhole) return { ...read, usage };
      const { outputTokens } = await dialect.readWhole(withoutUsage(bytes));
      if (usage === null || report?.isOfAll) return { ...read, usage, outputTokens };
      // A report from before the last content has the least output.
      return { ...read, usage: inputOf(usage), outputTokens: Math.max(outputTokens, outputOf(usage)) };
    },
  };
}

function readingEvents(
  dialectName: string,
  { names, inputFirst, read, terminal, failed }: EventReader,
  reported: () => Reported | null,
  textFrames: Known["textFrames"],
): EventReader {
  let frames: readonly TextFrame[] | undefined;
  return {
    names,
    inputFirst: inputFirst === true,
    terminal,
    failed: (error, meter) => failed(clientError(dialectName, error), meter),
    reported() {
      const report = reported();
      return report?.isOfAll ? report.usage : null;
    },
    read(meter, payload, name) {
      frames ??= textFrames?.() ?? [];
      const textBytes = textBytesIn(payload, frames);
      const verdict = textBytes > 0 ? "relay" : read(meter, payload, name);
      if (textBytes > 0) {
        noteContent(meter, textBytes);
        meter.hasContent = true;
      }
      const report = reported();
      meter.usage = report?.usage ?? null;
      meter.usageContent = report?.isOfAll ? contentOf(meter) : -1;
      return verdict;
    },
  };
}

/** An answer as one that is not counted: where a dialect requires a usage, it has zeros if nothing was reported. */
function withoutUsage(bytes: Buffer): Buffer {
  const body = parsedObject(bytes.toString("utf8"));
  if (body === null) return bytes;
  const { usage: _, ...answer } = body;
  return Buffer.from(JSON.stringify(answer));
}

const BACKSLASH = 0x5c;

/**
 * The bytes of the only text of an event, which most events have: the writer's frame tells it, so that it is not searched
 * for again. Zero for other events, and where a text has an escape.
 */
function textBytesIn(payload: Buffer, frames: readonly TextFrame[]): number {
  for (const { before, after } of frames) {
    const bytes = payload.length - before.length - after.length;
    if (bytes <= 0 || !hasAt(payload, 0, before) || !hasAt(payload, payload.length - after.length, after))
      continue;
    if (payload.includes(BACKSLASH, before.length)) return 0;
    return shownBytesAsWritten(payload.toString("latin1", before.length, before.length + bytes));
  }
  return 0;
}

/** From the end: events of one stream differ there. A loop: native code costs more to call than these bytes. */
function hasAt(payload: Buffer, at: number, word: Buffer): boolean {
  for (let index = word.length - 1; index >= 0; index--)
    if (payload[at + index] !== word[index]) return false;
  return true;
}
