import type { AnswerDialect, Dialect } from "#lib/dialects/dialect";
import { contentOf } from "#lib/dialects/events/noted-usage";
import {
  type EventReader,
  noteContent,
  type PlainRun,
  type StreamMeter,
} from "#lib/dialects/events/stream-meter";
import { parsedObject } from "#lib/dialects/text/parsed-object";
import { addCounted } from "#lib/dialects/text/rare-characters";
import { inputOf, isPartial, outputOf } from "#lib/dialects/usage";
import { clientError } from "./client-errors";
import type { Reader, Reported } from "./delta";
import { type Unshown, unshownTokens } from "./unshown";

/** What is known of an answer that Tollgate has written itself. */
export type Known = {
  /** Where a chunk of a stream has events of one text each; null for nowhere. */
  plainIn?: (chunk: Buffer) => PlainRun | null;
  /** Whether a whole answer is content, and nothing but texts. */
  isPlainWhole?: () => boolean;
  /** What it was generated in and does not say. */
  takeUnshown?: Reader["takeUnshown"];
};

/**
 * A client's dialect in which a translated answer is read. It takes the usage of an answer from what the provider has
 * reported in its own form: the client's may have no place for all of it. Errors are of the client's types.
 */
export function readingDialect(
  dialect: Dialect,
  reported: () => Reported | null,
  known: Known = {},
): AnswerDialect {
  const { isPlainWhole, takeUnshown } = known;
  const { mostAnswerBytes, assembler, split, events } = dialect;
  return {
    mostAnswerBytes,
    assembler,
    split,
    events: readingEvents(dialect.name, events, reported, known),
    async readWhole(bytes) {
      const report = reported();
      const usage = report?.usage ?? null;
      const isWhole = usage !== null && !isPartial(usage) && report?.isOfAll === true;
      if (isPlainWhole?.() && isWhole)
        return { said: "content", error: null, usage, outputTokens: 0, statedCostPicoUsd: null };
      const read = await dialect.readWhole(bytes);
      if (read.said !== "content") return { ...read, usage: usage ?? read.usage };
      if (isWhole) return { ...read, usage };
      const shown = await dialect.readWhole(withoutUsage(bytes));
      const unshown = takeUnshown?.() ?? null;
      const outputTokens = shown.outputTokens + (unshown === null ? 0 : unshownTokens(unshown));
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
  { plainIn, takeUnshown }: Known,
): EventReader {
  function note(meter: StreamMeter): void {
    const unshown = takeUnshown?.() ?? null;
    if (unshown !== null) noteUnshown(meter, unshown);
    const report = reported();
    meter.usage = report?.usage ?? null;
    meter.usageContent = report?.isOfAll ? contentOf(meter) : -1;
  }
  return {
    names,
    inputFirst: inputFirst === true,
    terminal,
    failed: (error, meter) => failed(clientError(dialectName, error), meter),
    reported() {
      const report = reported();
      return report?.isOfAll ? report.usage : null;
    },
    note,
    plain: plainIn && { in: plainIn, note },
    read(meter, payload, name) {
      const verdict = read(meter, payload, name);
      note(meter);
      return verdict;
    },
  };
}

function noteUnshown(meter: StreamMeter, { bytes, rare, mediaTokens }: Unshown): void {
  noteContent(meter, bytes);
  addCounted(meter.rare, rare);
  meter.mediaTokens += mediaTokens;
}

/** An answer as one that is not counted: where a dialect requires a usage, it has zeros if nothing was reported. */
function withoutUsage(bytes: Buffer): Buffer {
  const body = parsedObject(bytes.toString("utf8"));
  if (body === null) return bytes;
  const { usage: _, ...answer } = body;
  return Buffer.from(JSON.stringify(answer));
}
