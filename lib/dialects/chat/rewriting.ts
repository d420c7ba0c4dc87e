import { NO_MEDIA } from "#lib/dialects/media/media";
import { isObject } from "#lib/dialects/text/json-fields";
import { type Rewriting, rewritingOf } from "#lib/dialects/text/rewritten-json";
import { growthWrittenOut } from "#lib/dialects/text/written-out";
import { textsOf } from "./texts-of";
import { walkMessages } from "./walk-messages";

const NOTHING = () => {};
const NO_GATHERER = { add: () => false, addUnbounded: NOTHING, media: () => NO_MEDIA };

/**
 * What a server may add to the calls and results of tools in a body. It takes some milliseconds for a megabyte of them,
 * so it is computed when it is first asked for.
 */
export function chatRewriting(json: string): () => Rewriting {
  let known: Rewriting | null = null;
  return () => {
    known ??= rewritingIn(json);
    return known;
  };
}

/**
 * Without any of these, a body has no calls and results; names may be escaped. One expression, since a search for `\u00`
 * alone takes ten milliseconds for a megabyte of other escapes.
 */
const SIGN_OF_TOOLS = /"(?:tool|function)|\\u00/;

function rewritingIn(json: string): Rewriting {
  const rewriting = { bytes: 0, escapedBytes: 0 };
  if (!SIGN_OF_TOOLS.test(json)) return rewriting;
  function add({ bytes, escapedBytes }: Rewriting): void {
    rewriting.bytes += bytes;
    rewriting.escapedBytes += escapedBytes;
  }
  const body: unknown = JSON.parse(json);
  const messages = isObject(body) && Array.isArray(body.messages) ? body.messages.filter(isObject) : [];
  walkMessages(messages, {
    media: NO_GATHERER,
    text: NOTHING,
    label: NOTHING,
    reference: NOTHING,
    arguments: (value) => add({ bytes: growthOfArguments(value), escapedBytes: 0 }),
    data: NOTHING,
    end: NOTHING,
  });
  for (const { role, content } of messages) {
    if (role !== "tool" && role !== "function") continue;
    for (const text of textsOf(content)) add(rewritingOf(text));
  }
  return rewriting;
}

/** Arguments that are no text, as those that are one (growth.ts): a number may have been sent in fewer characters. */
function growthOfArguments(value: unknown): number {
  if (typeof value === "string") return 0;
  const json = JSON.stringify(value);
  return growthWrittenOut(json, 0, json.length, true).bytes + numberCharacters(value);
}

function numberCharacters(value: unknown): number {
  if (typeof value === "number") return String(value).length;
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  for (const inner of Object.values(value)) count += numberCharacters(inner);
  return count;
}
