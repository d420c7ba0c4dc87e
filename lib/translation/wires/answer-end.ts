import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import type { Delta, Reader } from "#lib/translation/delta";
import type { UnshownOutput } from "#lib/translation/unshown";

/** The end of an answer. */
export type AnswerEnd<Ended> = {
  note: (ended: Ended) => void;
  noted: () => Ended | null;
  /** Says it, once and not before it is noted. */
  say: (out: Delta[]) => void;
};

/** @param finish adds what an answer that has ended so says last */
export function answerEnd<Ended>(finish: (ended: Ended, out: Delta[]) => void): AnswerEnd<Ended> {
  let noted: Ended | null = null;
  let isSaid = false;
  return {
    note(ended) {
      noted = ended;
    },
    noted: () => noted,
    say(out) {
      if (noted === null || isSaid) return;
      isSaid = true;
      finish(noted, out);
    },
  };
}

/**
 * A reader of answers that have such an end; a whole one has come to it. What is reported beside an error, or in a body
 * that is no answer, counts, too.
 * @param noteUsage notes what a body or an event reports
 */
export const endedReader = <Ended>(
  event: Reader["event"],
  whole: Reader["whole"],
  { reported }: Pick<Reader, "reported">,
  { say }: AnswerEnd<Ended>,
  noteUsage: (body: JsonObject) => void,
  { take: takeUnshown }: Pick<UnshownOutput, "take">,
): Reader => {
  const noteIn = (body: unknown) => {
    for (const one of Array.isArray(body) ? body : [body]) if (isObject(one)) noteUsage(one);
  };
  return {
    event(payload, name, out) {
      const before = out.length;
      event(payload, name, out);
      if (out.length > before && out.at(-1)?.kind === "error") noteIn(parsedValue(payload));
    },
    whole(body, out) {
      const isAnswer = whole(body, out);
      if (isAnswer) say(out);
      else noteIn(body);
      return isAnswer;
    },
    end: say,
    reported,
    takeUnshown,
  };
};
