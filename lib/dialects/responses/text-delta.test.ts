import { describe, expect, test } from "vitest";
import { checkAsParsed } from "#lib/dialects/testing/as-parsed";
import { count, member, objectText, oneString, stringText } from "#lib/dialects/testing/varied-events";
import { ANSWER, play } from "./testing/played-stream";
import { textDeltaBytes } from "./text-delta";

const bytesIn = (payload: string) => textDeltaBytes(Buffer.from(payload));
const ofText = (delta: string) =>
  `{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"delta":${delta},"logprobs":[],"obfuscation":"x5Lk"}`;

describe("a piece of a text is counted without being parsed", () => {
  test.each([
    ["as OpenAI streams it", ofText('"four"'), 4],
    [
      "as vLLM does, in the order of the names",
      '{"content_index":0,"delta":"four","item_id":"1","logprobs":[],"output_index":0,"sequence_number":5,"type":"response.output_text.delta"}',
      4,
    ],
    [
      "of arguments",
      '{"type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 0, "delta": "{\\"a\\":"}',
      5,
    ],
    ["of a summary", '{"type":"response.reasoning_summary_text.delta","summary_index":0,"delta":"four"}', 4],
    ["of nothing", ofText('""'), 0],
    ["in other alphabets", ofText('"é漢😀"'), 9],
    ["in other alphabets, escaped", ofText('"\\u00e9\\u6f22\\ud83d\\ude00"'), 9],
  ])("%s", (_, payload, bytes) => {
    expect(bytesIn(payload)).toBe(bytes);
  });
});

describe("an event is parsed", () => {
  test.each([
    ["of another type", '{"type":"response.output_text.done","delta":"a"}'],
    ["of two types", '{"type":"response.x.delta","delta":"a","type":"response.completed"}'],
    ["with two texts", '{"type":"response.x.delta","delta":"a","delta":"b"}'],
    ["with a response", '{"type":"response.x.delta","delta":"a","response":{"usage":{"output_tokens":1}}}'],
    ["with an error", '{"type":"response.x.delta","delta":"a","error":{"message":"no"}}'],
    ["with probabilities", ofText('"a"').replace("[]", '[{"token":"a"}]')],
    ["with no text", '{"type":"response.audio.delta","delta":{"a":"b"}}'],
    ["with half an escape", ofText('"\\u00"')],
    ["that goes on after its end", `${ofText('"a"')}}`],
    ["above 64 KB", ofText(`"${"a".repeat(64 * 1024)}"`)],
  ])("%s", (_, payload) => {
    expect(bytesIn(payload)).toBeNull();
  });
});

const anyPayload = objectText([
  member(
    ["type"],
    oneString("response.output_text.delta", "response.x.delta", "response.completed", "delta"),
  ),
  member(["item_id", "obfuscation", "new"], oneString("msg_1", "", "é")),
  member(["output_index", "sequence_number"], count),
  member(["delta", "text"], stringText),
]);

test("any event means the same as when it is parsed", () => {
  const counted = checkAsParsed(
    { play, textDeltaBytes, before: ANSWER },
    anyPayload,
    "response.output_text.delta",
  );
  expect(counted).toBeGreaterThan(100);
});
