import { NO_MEDIA } from "#lib/dialects/media/media";
import {
  jsonEscapeBytes,
  NO_REWRITING,
  type Rewriting,
  rewritingOf,
} from "#lib/dialects/text/rewritten-json";
import { growthWrittenOut } from "#lib/dialects/text/written-out";
import { textsOf } from "./texts-of";
import { type Conversation, walkMessages } from "./walk-messages";

const NOTHING = () => {};
const NO_GATHERER = { add: () => false, addSealed: NOTHING, addUnbounded: NOTHING, media: () => NO_MEDIA };

/** How a dialect reads its conversation again. */
export type ReadConversation<Parsed> = {
  /** What is in every body with calls and results; names may be escaped. */
  signOfTools: RegExp;
  parsed: (json: string) => Parsed;
  conversation: (parsed: Parsed) => Conversation;
};

/** A smaller body is parsed again in less than a millisecond. */
const LARGE_CHARACTERS = 65_536;

/**
 * What a server may add to the calls and results of tools in a body. It takes some milliseconds for a megabyte of them,
 * so it is computed when it is first asked for. By then, what was parsed is mostly still in memory, and need not be parsed
 * again; but nothing keeps it there, since a request lasts far longer.
 * @param parsed what `read.parsed` would give
 */
export function rewritingIn<Parsed extends object>(
  json: string,
  parsed: Parsed,
  read: ReadConversation<Parsed>,
): () => Rewriting {
  let known: Rewriting | null = null;
  const kept = json.length > LARGE_CHARACTERS ? new WeakRef(parsed) : null;
  return () => {
    known ??= read.signOfTools.test(json)
      ? rewritingOfTools(read.conversation(kept?.deref() ?? read.parsed(json)))
      : NO_REWRITING;
    return known;
  };
}

function rewritingOfTools(conversation: Conversation): Rewriting {
  const rewriting = { ...NO_REWRITING };
  function add(one: Rewriting): void {
    rewriting.bytes += one.bytes;
    rewriting.tokens += one.tokens;
    rewriting.escapedBytes += one.escapedBytes;
    rewriting.asTextBytes += one.asTextBytes;
    rewriting.asAsciiTextBytes += one.asAsciiTextBytes;
  }
  walkMessages(conversation, {
    media: NO_GATHERER,
    text: NOTHING,
    label: NOTHING,
    reference: NOTHING,
    arguments: (value) => add(rewritingOfArguments(value)),
    data: NOTHING,
    end: NOTHING,
  });
  for (const { role, content } of conversation.messages) {
    if (role !== "tool" && role !== "function") continue;
    for (const text of textsOf(content)) add(rewritingOf(text));
  }
  return rewriting;
}

/** Arguments that are no text, as those that are one (growth.ts): a number may have been sent in fewer characters. */
function rewritingOfArguments(value: unknown): Rewriting {
  if (typeof value === "string") return NO_REWRITING;
  const json = JSON.stringify(value);
  const { bytes, tokens } = growthWrittenOut(json, 0, json.length, true);
  const numbers = numberCharacters(value);
  return {
    bytes: bytes + numbers,
    tokens: tokens + numbers,
    escapedBytes: 0,
    asTextBytes: jsonEscapeBytes(value, false),
    asAsciiTextBytes: jsonEscapeBytes(value, true),
  };
}

function numberCharacters(value: unknown): number {
  if (typeof value === "number") return String(value).length;
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  for (const inner of Object.values(value)) count += numberCharacters(inner);
  return count;
}
