import type { WholeAnswer } from "#lib/dialects/said";
import { type ParsedAnswer, parseAnswer } from "#lib/dialects/text/parse-answer";

const MAX_WORDS = 4_000;
/** What a body that is not JSON says is at its beginning. */
const MAX_NOT_JSON_BYTES = 65_536;

/** Parses a whole body, or reads what it says if it is no JSON. */
export async function parsedOrSaid(bytes: Buffer): Promise<ParsedAnswer | WholeAnswer> {
  try {
    return await parseAnswer(bytes);
  } catch {
    return readNotJson(bytes.toString("utf8", 0, MAX_NOT_JSON_BYTES));
  }
}

/**
 * What a body says that is no JSON: nothing at all, a web page or plain text are what a proxy or a web server
 * answers, so no model was asked. Broken JSON and events may be what is left of an answer.
 */
export function readNotJson(text: string): WholeAnswer {
  const words = text.replace(/^\uFEFF/, "").trim();
  if (words === "" || /^<(?:!|\?xml|html|head|body|h\d)/i.test(words)) return said("error", null);
  // The beginning of JSON, or lines of an event stream.
  if (/^[[{}\]"]|^(?:event|id|retry)?:|(?:^|[\r\n])data:/.test(words)) return said("unusable", null);
  return said("error", { message: words.slice(0, MAX_WORDS) });
}

const said = (what: "error" | "unusable", error: unknown): WholeAnswer => ({
  said: what,
  error,
  usage: null,
  outputTokens: 0,
  statedCostPicoUsd: null,
});
