import { describe, expect, test } from "vitest";
import { checkAsParsed } from "#lib/dialects/testing/as-parsed";
import { count, member, objectText, oneString, stringText } from "#lib/dialects/testing/varied-events";
import { ANSWER, play } from "./testing/played-message";
import { textDeltaBytes } from "./text-delta";

const bytesIn = (payload: string) => textDeltaBytes(Buffer.from(payload));
const ofText = (text: string) =>
  `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${text}}}`;

describe("a piece of a text is counted without being parsed", () => {
  test.each([
    ["as Anthropic streams it", `${ofText('"four"')}`, 4],
    [
      "as Anthropic pads it",
      ` {"type":"content_block_delta","index":12,"delta":{"type":"text_delta","text":"four"}          }`,
      4,
    ],
    [
      "as Python writes it",
      `{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "four"}}`,
      4,
    ],
    [
      "of thinking",
      `{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"four"}}`,
      4,
    ],
    [
      "of arguments",
      `{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\":"}}`,
      5,
    ],
    ["of nothing", ofText('""'), 0],
    ["in other alphabets", ofText('"é漢😀"'), 9],
    ["in other alphabets, escaped", ofText('"\\u00e9\\u6f22\\ud83d\\ude00"'), 9],
    ["with half of a character", ofText('"\\ud83d"'), 3],
  ])("%s", (_, payload, bytes) => {
    expect(bytesIn(payload)).toBe(bytes);
  });
});

describe("an event is parsed", () => {
  test.each([
    ["of another type", '{"type":"content_block_stop","index":0}'],
    [
      "with a signature",
      '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}',
    ],
    [
      "with a second text",
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","text":"b"}}',
    ],
    [
      "with a usage",
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"usage":{"output_tokens":1}}',
    ],
    [
      "with an error",
      '{"type":"content_block_delta","error":{},"index":0,"delta":{"type":"text_delta","text":"a"}}',
    ],
    ["with half an escape", ofText('"\\u00"')],
    ["with a character that JSON forbids", ofText('"\n"')],
    ["that goes on after its end", `${ofText('"a"')}x`],
    ["of escapes and other alphabets", ofText('"\\n漢"')],
    ["above 64 KB", ofText(`"${"a".repeat(64 * 1024)}"`)],
  ])("%s", (_, payload) => {
    expect(bytesIn(payload)).toBeNull();
  });

  test("that is not UTF-8", () => {
    expect(textDeltaBytes(Buffer.from(ofText('"\xe9"'), "latin1"))).toBeNull();
  });
});

const anyPayload = objectText([
  member(["type"], oneString("content_block_delta", "message_delta", "ping")),
  member(["index"], count),
  member(
    ["delta"],
    objectText([
      member(
        ["type"],
        oneString("text_delta", "thinking_delta", "input_json_delta", "signature_delta", "x_tool_result"),
      ),
      member(["text", "thinking", "partial_json", "signature", "new"], stringText),
    ]),
  ),
]);

test("any event means the same as when it is parsed", () => {
  const counted = checkAsParsed({ play, textDeltaBytes, before: ANSWER }, anyPayload, "content_block_delta");
  expect(counted).toBeGreaterThan(100);
});
