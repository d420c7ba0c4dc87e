import { expect, test } from "vitest";
import { checkAsParsed } from "#lib/dialects/testing/as-parsed";
import { deltasOf } from "#lib/dialects/testing/delta-texts";
import { count, member, objectText, oneString, stringText } from "#lib/dialects/testing/varied-events";
import { ANSWER, play } from "./testing/played-stream";
import { textDeltaBytes } from "./text-delta";

const ofText = (delta: string) =>
  `{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"delta":${delta},"logprobs":[],"obfuscation":"x5Lk"}`;
const VLLM =
  '{"content_index":0,"delta":"four","item_id":"1","logprobs":[],"output_index":0,"sequence_number":5,"type":"response.output_text.delta"}';

test.each([
  ...deltasOf(ofText),
  ["as vLLM writes it, in the order of the names", VLLM, 4],
  ["with white space", VLLM.replaceAll(/(?<=[:,])/g, " "), 4],
  ["of arguments", '{"type":"response.function_call_arguments.delta","item_id":"i","delta":"four"}', 4],
  ["of a summary", '{"type":"response.reasoning_summary_text.delta","summary_index":0,"delta":"four"}', 4],
  ["of another type", '{"type":"response.output_text.done","delta":"a"}', null],
  ["of two types", '{"type":"response.x.delta","delta":"a","type":"response.completed"}', null],
  ["with two texts", '{"type":"response.x.delta","delta":"a","delta":"b"}', null],
  [
    "with a response",
    '{"type":"response.x.delta","delta":"a","response":{"usage":{"output_tokens":1}}}',
    null,
  ],
  ["with an error", '{"type":"response.x.delta","delta":"a","error":{"message":"no"}}', null],
  ["with probabilities", ofText('"a"').replace("[]", '[{"token":"a"}]'), null],
])("is counted without being parsed, or must be parsed: %s", (_, payload, bytes) => {
  expect(textDeltaBytes(Buffer.from(payload))).toBe(bytes);
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

test("means the same as when it is parsed, whatever it is", () => {
  expect(
    checkAsParsed({ play, textDeltaBytes, before: ANSWER }, anyPayload, "response.output_text.delta"),
  ).toBeGreaterThan(100);
});
