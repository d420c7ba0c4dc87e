import type { Call } from "#lib/dialects/call";
import type { PastReasoning } from "#lib/dialects/dialect";
import { isObject, setFields } from "#lib/dialects/text/json-fields";
import { cutsOfElements } from "#lib/dialects/text/list-elements";
import { parsedBefore } from "#lib/dialects/text/parsed-object";

/** OpenAI's code for reasoning that another organization's key has encrypted, or that was changed. */
const REFUSED_CODE = "invalid_encrypted_content";
/** Its words, for proxies that leave the code out. */
const REFUSED_WORDS = /\bencrypted content\b.{1,300}\bcould not be (?:verified|decrypted)\b/is;

/** The reasoning of earlier turns, in items that are encrypted. */
export const pastItems: PastReasoning = {
  isRefused: ({ code, message }) => code === REFUSED_CODE || REFUSED_WORDS.test(message),
  leaveOut: withoutReasoning,
};

/** A summary alone would be looked up at the provider, which has not kept it: the items are left out as a whole. */
function withoutReasoning({ json, fields }: Call): { json: string; dropped: readonly string[] } | null {
  const span = fields.get("input");
  const { input } = parsedBefore(json);
  if (span === undefined || !Array.isArray(input)) return null;
  const items: readonly unknown[] = input;
  const places = [...items.keys()].filter((at) => isReasoning(items[at]));
  if (places.length === 0 || places.length === items.length) return null;
  const cuts = cutsOfElements(json, span.start, new Set(places));
  return {
    json: setFields(json, fields, {}, { cuts, topLevel: 0 }),
    dropped: places.map((at) => `input[${at}]`),
  };
}

const isReasoning = (item: unknown): boolean => isObject(item) && item.type === "reasoning";
