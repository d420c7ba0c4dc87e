import { expect, test } from "vitest";
import { checkAsParsed } from "#lib/dialects/testing/as-parsed";
import { deltasOf } from "#lib/dialects/testing/delta-texts";
import { count, member, objectText, oneString, stringText } from "#lib/dialects/testing/varied-events";
import { ANSWER, play } from "./testing/played-message";
import { textDeltaBytes } from "./text-delta";

const ofText = (text: string) =>
  `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${text}}}`;
const PADDED =
  '{"type":"content_block_delta","index":12,"delta":{"type":"text_delta","text":"four"}          }';

test.each([
  ...deltasOf(ofText),
  ["as Anthropic pads it", ` ${PADDED}`, 4],
  ["as Python writes it", PADDED.replaceAll(/(?<=[:,])/g, " "), 4],
  ["of thinking", ofText('"four"').replace("text_", "thinking_").replace('"text"', '"thinking"'), 4],
  ["of arguments", ofText('"four"').replace("text_", "input_json_").replace('"text"', '"partial_json"'), 4],
])("a delta is counted without being parsed: %s", (_, payload, bytes) => {
  expect(textDeltaBytes(Buffer.from(payload))).toBe(bytes);
});

test.each([
  ["of another type", '{"type":"content_block_stop","index":0}'],
  ["with a signature", ofText('"four"').replace("text_", "signature_").replace('"text"', '"signature"')],
  ["with a second text", ofText('"a","text":"b"')],
  ["with a usage", `${ofText('"a"').slice(0, -1)},"usage":{"output_tokens":1}}`],
  ["with an error", ofText('"a"').replace('"index"', '"error":{},"index"')],
])("an event is parsed: %s", (_, payload) => {
  expect(textDeltaBytes(Buffer.from(payload))).toBeNull();
});

test("an event is parsed that is not UTF-8", () => {
  expect(textDeltaBytes(Buffer.from(ofText('"\xe9"'), "latin1"))).toBeNull();
});

const anyDelta = objectText([
  member(
    ["type"],
    oneString("text_delta", "thinking_delta", "input_json_delta", "signature_delta", "x_tool_result"),
  ),
  member(["text", "thinking", "partial_json", "signature", "new"], stringText),
]);
const anyPayload = objectText([
  member(["type"], oneString("content_block_delta", "message_delta", "ping")),
  member(["index"], count),
  member(["delta"], anyDelta),
]);

test("any event means the same as when it is parsed", () => {
  const counted = checkAsParsed({ play, textDeltaBytes, before: ANSWER }, anyPayload, "content_block_delta");
  expect(counted).toBeGreaterThan(100);
});
