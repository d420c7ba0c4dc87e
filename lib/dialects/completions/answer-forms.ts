import { type ChoiceForm, choicesAssembler, splitChoices } from "#lib/dialects/choices/assembler";
import type { Assembler } from "#lib/dialects/dialect";
import { type DeltaRules, mergeDelta } from "#lib/dialects/text/merge-deltas";

const RULES: DeltaRules = { texts: new Set(["text"]), indexed: new Set(), mostIndexed: 0 };

const OBJECT = "text_completion";

const FORM: ChoiceForm = {
  object: OBJECT,
  chunkObject: OBJECT,
  // One for each prompt, at least.
  mostChoices: 4_096,
  add: (known, choice) => mergeDelta(known, choice, RULES),
  isTooMuch: () => false,
  whole: (choice) => choice,
  split: (choice, index) => [{ ...choice, index }],
};

/** The whole completion that a stream's chunks add up to: texts are joined, and so are the lists in `logprobs`. */
export const completionAssembler = (): Assembler => choicesAssembler(FORM);

/** The stream that says what a whole completion says: a chunk with each choice. */
export const splitCompletion = (whole: Buffer): Buffer | null => splitChoices(FORM, whole);
