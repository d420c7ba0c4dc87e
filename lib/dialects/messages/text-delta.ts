import {
  COMMA,
  countMember,
  objectMember,
  payloadOf,
  plainTextBytes,
  stringMember,
  textMember,
} from "#lib/dialects/events/plain-delta";

const DELTA = [
  stringMember("type", "(?:text|thinking|input_json)_delta"),
  textMember("text|thinking|partial_json"),
];
const TEXT_DELTA = payloadOf(
  [
    stringMember("type", "content_block_delta"),
    countMember("index"),
    objectMember("delta", DELTA.join(COMMA)),
  ].join(COMMA),
);

/**
 * How many bytes of text an event has that adds a piece of one to a block, as nearly all do.
 * @returns null for any other event, and for such a one that is written unlike Anthropic's: it must be parsed
 */
export const textDeltaBytes = (payload: Buffer): number | null => plainTextBytes(payload, TEXT_DELTA);
