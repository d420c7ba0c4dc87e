import { ApiError } from "#lib/http/api-error";

/** Far deeper than anything here is, and far from the end of the stack. */
const MAX_DEPTH = 32;
/** U+0000, and halves of a surrogate pair: PostgreSQL's text and JSON cannot keep them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the one that is looked for.
const UNSTORABLE = /[\u0000\p{Cs}]/u;

/**
 * Looks through what was sent, names of fields included.
 * @throws ApiError invalid_request naming the field that no database could keep, or for too deep a value
 */
export function refuseUnstorable(value: unknown, path: readonly string[] = []): void {
  if (typeof value === "string") refuseText(value, path);
  if (typeof value !== "object" || value === null) return;
  if (path.length >= MAX_DEPTH) {
    throw new ApiError("invalid_request", `The input is nested more than ${MAX_DEPTH} levels deep.`);
  }
  for (const [name, inner] of Object.entries(value)) {
    refuseText(name, path);
    refuseUnstorable(inner, [...path, name]);
  }
}

function refuseText(text: string, path: readonly string[]): void {
  if (!UNSTORABLE.test(text)) return;
  const param = path.join(".").slice(0, 200) || null;
  const message = "Text may hold neither the character U+0000 nor half of a surrogate pair.";
  throw new ApiError("invalid_request", param === null ? message : `${param}: ${message}`, { param });
}
