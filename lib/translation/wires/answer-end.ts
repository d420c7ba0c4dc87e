import type { Delta, Reader } from "#lib/translation/delta";

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

/** A reader of answers that have such an end; a whole one has come to it. */
export const endedReader = <Ended>(
  event: Reader["event"],
  whole: Reader["whole"],
  { reported }: Pick<Reader, "reported">,
  { say }: AnswerEnd<Ended>,
): Reader => ({
  event,
  whole(body, out) {
    const isAnswer = whole(body, out);
    if (isAnswer) say(out);
    return isAnswer;
  },
  end: say,
  reported,
});
