/** What PostgreSQL's text and JSON cannot have, as JSON escapes it: U+0000 and half surrogates. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what it looks for.
const UNSTORABLE_CHARACTERS = /[\u0000\p{Cs}]/gu;

/**
 * A value as JSON that PostgreSQL can store, for what must not fail, such as a settlement. U+FFFD replaces characters that
 * it cannot store; names of fields must be ours.
 */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return UNSTORABLE.test(json) ? JSON.stringify(value, (_, inner: unknown) => storable(inner)) : json;
}

const storable = (value: unknown): unknown =>
  typeof value === "string" ? value.replace(UNSTORABLE_CHARACTERS, "\ufffd") : value;
