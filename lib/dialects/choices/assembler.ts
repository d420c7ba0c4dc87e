import type { Assembler } from "#lib/dialects/dialect";
import { eventOf } from "#lib/dialects/events/event-payloads";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { type Merged, mergedWith } from "#lib/dialects/text/merge-deltas";
import { parsedObject } from "#lib/dialects/text/parsed-object";
import { choicesOf } from "./choices";
import { DONE } from "./done";

/** Choices of an answer, and calls of a choice; real ones have a fraction of that. */
export const MOST_PARTS = 256;

/** How the choices of a whole answer relate to those of its chunks. */
export type ChoiceForm = {
  /** What a whole answer calls itself. */
  object: string;
  /** What a chunk calls itself. */
  chunkObject: string;
  mostChoices: number;
  /** Adds a chunk's choice to what came before of the same index. */
  add: (known: Merged, choice: JsonObject) => void;
  /** Whether a choice has more parts than any answer. */
  isTooMuch: (choice: Merged) => boolean;
  /** The choice of a whole answer that the added ones make. */
  whole: (choice: Merged) => JsonObject;
  /** The choices of the chunks that say what a choice of a whole answer says. */
  split: (choice: JsonObject, index: number) => readonly JsonObject[];
};

/**
 * The whole answer that a stream's chunks add up to. Fields that Tollgate does not know are kept: within a choice,
 * lists are joined; else the last value counts.
 */
export function choicesAssembler(form: ChoiceForm): Assembler {
  const body = mergedWith({});
  const choices = new Map<number, Merged>();
  let isTooMuch = false;
  return {
    add(payload) {
      if (isTooMuch || !payload.trimStart().startsWith("{")) return;
      const chunk = parsedObject(payload);
      if (chunk === null) {
        isTooMuch = true;
        return;
      }
      // Of the fields around the choices each chunk has all: some providers repeat them, or count up.
      for (const [name, value] of Object.entries(chunk)) {
        if (value !== null || body[name] === undefined) body[name] = value;
      }
      for (const choice of choicesOf(chunk)) {
        if (!isObject(choice)) continue;
        const index = typeof choice.index === "number" ? choice.index : 0;
        const known = choices.get(index) ?? mergedWith({ index });
        choices.set(index, known);
        form.add(known, choice);
        isTooMuch ||= form.isTooMuch(known);
      }
      isTooMuch ||= choices.size > form.mostChoices;
    },
    whole: () => (isTooMuch ? null : wholeOf(form, body, [...choices.values()])),
  };
}

function wholeOf(form: ChoiceForm, { usage, ...fields }: Merged, choices: Merged[]): Buffer {
  choices.sort((a, b) => Number(a.index) - Number(b.index));
  const whole = { ...fields, object: form.object, choices: choices.map(form.whole) };
  return Buffer.from(JSON.stringify(isObject(usage) ? { ...whole, usage } : whole));
}

/**
 * The stream that says what a whole answer says: its choices, the usage, and `[DONE]`.
 * @returns null if it has too much structure to be parsed
 */
export function splitChoices(form: ChoiceForm, whole: Buffer): Buffer | null {
  const body = parsedObject(whole.toString("utf8"));
  if (body === null) return null;
  const { choices: _, usage, object: __, ...rest } = body;
  const base = { ...rest, object: form.chunkObject };
  let events = "";
  for (const [at, choice] of choicesOf(body).entries()) {
    if (!isObject(choice)) continue;
    const index = typeof choice.index === "number" ? choice.index : at;
    for (const part of form.split(choice, index)) events += eventOf({ ...base, choices: [part] });
  }
  if (isObject(usage)) events += eventOf({ ...base, choices: [], usage });
  return Buffer.concat([Buffer.from(events), DONE]);
}
