import {
  COMMA,
  countMember,
  emptyListMember,
  PLAIN_CHARACTERS,
  plainTextReader,
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

/** The bytes of a text that an event adds to an answer, as nearly all do. */
export const textDeltaBytes = plainTextReader(`${BEFORE}(?:${TYPE_FIRST}|${TEXT_FIRST})${AFTER}`);
