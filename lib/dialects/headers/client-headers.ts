import { ApiError } from "#lib/http/api-error";

/** Where headers are read: by their lower-case names. */
export type HeaderSource = {
  header: (name: string) => string | null;
  headerNames: () => readonly string[];
};

/**
 * What a client says in headers about how a provider is to answer, by their lower-case names. The wire of the
 * provider that serves the request decides which go on.
 */
export type ClientHeaders = ReadonlyMap<string, string>;

export const NO_CLIENT_HEADERS: ClientHeaders = new Map();

/** All of them together, as much as any client needs. */
const MOST_CHARACTERS = 4_096;

/**
 * Reads the headers of these names that a client has sent.
 * @throws ApiError invalid_request for characters that no header may have, or for more than a client needs
 */
export function clientHeaders(
  { header }: Pick<HeaderSource, "header">,
  names: readonly string[],
): ClientHeaders {
  let found: Map<string, string> | null = null;
  let characters = 0;
  for (const name of names) {
    const value = header(name);
    if (value === null) continue;
    characters += name.length + value.length;
    if (characters > MOST_CHARACTERS) throw invalidHeader(name, "is too long");
    if (!/^[\x20-\x7e]*$/.test(value)) throw invalidHeader(name, "must be plain ASCII");
    found ??= new Map();
    found.set(name, value);
  }
  return found ?? NO_CLIENT_HEADERS;
}

/** What is wrong with a header, as a 400 that names it. */
export const invalidHeader = (name: string, what: string): ApiError =>
  new ApiError("invalid_request", `The header ${name.slice(0, 100)} ${what}.`, { param: name.slice(0, 100) });
