import { ApiError } from "#lib/http/api-error";

/** Deeper than any input of this API, and far from a stack overflow. */
const MAX_DEPTH = 32;
/** PostgreSQL's text and JSON cannot store U+0000 or unpaired surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what it looks for.
const UNSTORABLE = /[\u0000\p{Cs}]/u;

/**
 * Checks all values and field names of an input.
 * @throws ApiError invalid_request naming the field that cannot be stored, or for input that is nested too deep
 */
export function rejectUnstorable(value: unknown, path: readonly string[] = []): void {
  if (typeof value === "string") rejectText(value, path);
  if (typeof value !== "object" || value === null) return;
  if (path.length >= MAX_DEPTH) {
    throw new ApiError("invalid_request", `The input is nested more than ${MAX_DEPTH} levels deep.`);
  }
  for (const [name, inner] of Object.entries(value)) {
    rejectText(name, path);
    rejectUnstorable(inner, [...path, name]);
  }
}

function rejectText(text: string, path: readonly string[]): void {
  if (!UNSTORABLE.test(text)) return;
  const param = path.join(".").slice(0, 200) || null;
  const message = "Text may not contain U+0000 or unpaired surrogates.";
  throw new ApiError("invalid_request", param === null ? message : `${param}: ${message}`, { param });
}
