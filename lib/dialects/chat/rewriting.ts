import { NO_MEDIA } from "#lib/dialects/media/media";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { type Rewriting, rewritingOf, rewritingOfArguments } from "#lib/dialects/text/rewritten-json";
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

/** Without any of these, a body has no calls and results; names may be escaped. */
const SIGNS_OF_TOOLS = ['"tool', '"function', "\\u00"];

function rewritingIn(json: string): Rewriting {
  const rewriting = { bytes: 0, escapedBytes: 0 };
  if (!SIGNS_OF_TOOLS.some((sign) => json.includes(sign))) return rewriting;
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
    arguments: (value) => add(rewritingOfArguments(value)),
    data: NOTHING,
    end: NOTHING,
  });
  for (const text of messages.flatMap(resultsIn)) add(rewritingOf(text, false));
  return rewriting;
}

/** The texts of a tool's result. */
function resultsIn({ role, content }: JsonObject): string[] {
  if (role !== "tool" && role !== "function") return [];
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => (isObject(part) && typeof part.text === "string" ? [part.text] : []));
}
