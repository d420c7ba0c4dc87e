import { ServiceError } from "./errors";

/** Deeper than any input, and far from a stack overflow. */
export const MOST_DEPTH = 32;
/** In what a server action receives, many fields may be one value, which would be read as often as it occurs. */
const MOST_VALUES = 100_000;
const LONGEST_FIELD = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what it looks for.
const UNSTORABLE = /[\u0000\p{Cs}]/u;

/**
 * Checks all texts and field names of an input: PostgreSQL's text and JSON cannot store U+0000 or unpaired surrogates, and
 * objects cannot have a field `__proto__`.
 * @throws ServiceError "invalid" naming the field that cannot be stored, or for input that is nested too deep
 */
export function rejectUnstorable(input: unknown): void {
  const path: (string | number)[] = [];
  let values = 0;
  const visit = (value: unknown): void => {
    if (typeof value === "string") rejectText(value, path);
    if (typeof value !== "object" || value === null) return;
    if (path.length >= MOST_DEPTH) throw invalid(`The input is nested more than ${MOST_DEPTH} levels deep.`);
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++) enter(at, value[at]);
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      rejectText(name, path);
      // Schemas leave it out, and an update would remove what it means to set.
      if (name === "__proto__")
        throw invalid("Choose another name than __proto__.", fieldOf([...path, name]));
      enter(name, inner);
    }
  };
  const enter = (name: string | number, value: unknown) => {
    values += 1;
    if (values > MOST_VALUES) throw invalid(`The input has more than ${MOST_VALUES} values.`);
    path.push(name);
    visit(value);
    path.pop();
  };
  visit(input);
}

function rejectText(text: string, path: readonly (string | number)[]): void {
  if (isStorable(text)) return;
  throw invalid("Text may not contain U+0000 or unpaired surrogates.", fieldOf(path));
}

const fieldOf = (path: readonly (string | number)[]) => path.join(".").slice(0, LONGEST_FIELD);

/** Whether PostgreSQL can store a text. */
export const isStorable = (text: string): boolean => !UNSTORABLE.test(text);

const invalid = (message: string, field = "") => new ServiceError("invalid", message, { [field]: message });
