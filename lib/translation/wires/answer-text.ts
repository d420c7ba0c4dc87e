import { characterCount } from "#lib/translation/citation";
import type { Delta } from "#lib/translation/delta";

/** The text of an answer, whose characters are counted for the places of its citations. */
export type AnswerText = {
  /** Adds what is a text and not empty. */
  add: (text: unknown, out: Delta[]) => void;
  count: () => number;
};

export function answerText(): AnswerText {
  const said = characterCount();
  return {
    add(text, out) {
      if (typeof text !== "string" || text === "") return;
      said.add(text);
      out.push({ kind: "text", text });
    },
    count: said.count,
  };
}
