import { type FurtherAnswers, NO_FURTHER, oneAnswer, withAnswer } from "#lib/dialects/events/further-answers";
import { BYTES_PER_TOKEN } from "#lib/dialects/text/estimate-tokens";
import { shownBytes } from "#lib/dialects/text/shown-bytes";
import { addedUsage, isPartial, laterUsage, type ReportedUsage } from "#lib/dialects/usage";
import type { Delta, Reader, Reported } from "./delta";

/** An answer that is being read after the end of another. */
type Further = { reader: Reader; bytes: number };

/**
 * Reads a stream to which a server may append answers after its end (lib/dialects/events/further-answers.ts): only the
 * first is said, and the usage of all is reported.
 * @param create a reader for one answer
 * @param isBeginning whether an event begins an answer, where one does
 */
export function readerOfAll(create: () => Reader, isBeginning: (payload: string) => boolean): Reader {
  const first = create();
  let isEnded = false;
  let late: ReportedUsage | null = null;
  let next: Further | null = null;
  let ended = NO_FURTHER;

  function readBeyondEnd(payload: string, name: string): void {
    if (isBeginning(payload)) close();
    const further = next ?? { reader: create(), bytes: 0 };
    const said: Delta[] = [];
    further.reader.event(payload, name, said);
    for (const delta of said) further.bytes += generatedBytes(delta);
    further.bytes += further.reader.takeUnshown()?.bytes ?? 0;
    const hasBegun = next !== null || further.bytes > 0 || isBeginning(payload);
    if (hasBegun) next = further;
    else late = laterUsage(late, further.reader.reported()?.usage ?? null);
    if (said.some(isFinish)) close();
  }

  function close(): void {
    if (next !== null) ended = withAnswer(ended, answerIn(next));
    next = null;
  }

  function reported(): Reported | null {
    const own = first.reported();
    const usage = laterUsage(own?.usage ?? null, late);
    if (usage === null) return null;
    const isOfAll = own?.isOfAll ?? true;
    const further = withAnswer(ended, next === null ? null : answerIn(next));
    if (further.count === 0) return { usage, isOfAll };
    // The rest of a usage that is not whole is estimated by the answer's own content.
    if (isPartial(usage)) return { usage, isOfAll: false };
    return { usage: addedUsage(usage, further.usage), isOfAll: isOfAll && further.isExact };
  }

  return {
    event(payload, name, out) {
      if (isEnded) {
        readBeyondEnd(payload, name);
        return;
      }
      const before = out.length;
      first.event(payload, name, out);
      isEnded = out.slice(before).some(isFinish);
    },
    whole: first.whole,
    end: first.end,
    reported,
    takeUnshown: first.takeUnshown,
  };
}

const isFinish = ({ kind }: Delta): boolean => kind === "finish";

/** What an answer reports, or shows where it reports nothing. */
function answerIn({ reader, bytes }: Further): FurtherAnswers {
  const reported = reader.reported();
  return oneAnswer(reported?.usage ?? null, Math.ceil(bytes / BYTES_PER_TOKEN), reported?.isOfAll === true);
}

/** What an answer shows of its texts and calls. */
function generatedBytes(delta: Delta): number {
  switch (delta.kind) {
    case "text":
    case "think":
      return shownBytes(delta.text);
    case "call":
      return delta.name.length;
    case "args":
      return shownBytes(delta.json);
    default:
      return 0;
  }
}
