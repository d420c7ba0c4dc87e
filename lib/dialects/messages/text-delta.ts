import {
  COMMA,
  countMember,
  objectMember,
  plainTextReader,
  stringMember,
  textMember,
} from "#lib/dialects/events/plain-delta";

const DELTA = [
  stringMember("type", "(?:text|thinking|input_json)_delta"),
  textMember("text|thinking|partial_json"),
];

/** The bytes of a text that an event adds to a block, as nearly all do, if it is written as Anthropic writes it. */
export const textDeltaBytes = plainTextReader(
  [
    stringMember("type", "content_block_delta"),
    countMember("index"),
    objectMember("delta", DELTA.join(COMMA)),
  ].join(COMMA),
);
