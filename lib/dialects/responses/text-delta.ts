import {
  COMMA,
  countMember,
  emptyListMember,
  PLAIN_CHARACTERS,
  payloadOf,
  plainTextBytes,
  stringMember,
  textMember,
} from "#lib/dialects/events/plain-delta";

/** What such an event has besides its type and its text. Servers differ in the order. */
const OTHER = `(?:${[
  stringMember("item_id|obfuscation", PLAIN_CHARACTERS),
  countMember("sequence_number|output_index|content_index|summary_index"),
  emptyListMember("logprobs"),
].join("|")})`;
const BEFORE = `(?:${OTHER}${COMMA})*`;
const AFTER = `(?:${COMMA}${OTHER})*`;
const TYPE = stringMember("type", "response\\.[a-z_.]+\\.delta");
const TEXT = textMember("delta");
const TYPE_FIRST = TYPE + AFTER + COMMA + TEXT;
const TEXT_FIRST = TEXT + AFTER + COMMA + TYPE;
const TEXT_DELTA = payloadOf(`${BEFORE}(?:${TYPE_FIRST}|${TEXT_FIRST})${AFTER}`);

/**
 * How many bytes of text an event has that adds a piece of one to an answer, as nearly all do.
 * @returns null for any other event, and for such a one with members that are not known: it must be parsed
 */
export const textDeltaBytes = (payload: Buffer): number | null => plainTextBytes(payload, TEXT_DELTA);
