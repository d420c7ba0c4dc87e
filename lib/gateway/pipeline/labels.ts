import { ApiError } from "#lib/http/api-error";
import type { Origin } from "#lib/http/client-address";

const TAGS = "x-tollgate-tags";
const MOST_TAGS = 10;
/** As long as a key's tag may be. */
const LONGEST_TAG = 100;
const NONE: readonly string[] = [];

/** Ours, then what Claude Code and Codex send by themselves. */
const SESSION_HEADERS = ["x-tollgate-session-id", "x-claude-code-session-id", "session-id"] as const;
const SESSION_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * The tags that a request adds to its key's: comma-separated, without repeats.
 * @throws ApiError invalid_request for more than ten, or for one that is too long, no UTF-8 or has control characters
 */
export function requestTags({ header }: Pick<Origin, "header">): readonly string[] {
  const value = header(TAGS);
  if (value === null) return NONE;
  const tags = new Set(
    utf8(value)
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ""),
  );
  if (tags.size > MOST_TAGS) throw invalidTags(`has ${tags.size} tags: send at most ${MOST_TAGS}`);
  for (const tag of tags) {
    if (tag.length > LONGEST_TAG) throw invalidTags(`has a tag above ${LONGEST_TAG} characters`);
    // As a key's tags: no filter finds one with control characters.
    if (/\p{Cc}/u.test(tag)) throw invalidTags("has a tag with control characters");
  }
  return [...tags];
}

/** All tags of a request's row: its key's, then its own. */
export function allTags(keyTags: readonly string[], origin: Pick<Origin, "header">): readonly string[] {
  const own = requestTags(origin);
  return own.length === 0 ? keyTags : [...new Set([...keyTags, ...own])];
}

/** The client's session; null without a well-formed one. */
export function sessionId({ header }: Pick<Origin, "header">): string | null {
  for (const name of SESSION_HEADERS) {
    const id = header(name);
    if (id !== null && SESSION_ID.test(id)) return id;
  }
  return null;
}

/** Headers arrive as Latin-1, a byte a character. */
function utf8(value: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "latin1"));
  } catch {
    throw invalidTags("is not UTF-8");
  }
}

const invalidTags = (what: string) =>
  new ApiError("invalid_request", `The header ${TAGS} ${what}.`, { param: TAGS });
