import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { exceptionFrame } from "#lib/providers/testing/fake-bedrock";
import { expectReadInPieces, readFrames } from "#lib/providers/testing/frames-in-pieces";
import { smithyFrame } from "#lib/providers/testing/smithy";
import { bodyOf } from "#lib/providers/upstream-body";
import { converseAnswer } from "./converse-frames";

/** What is read of frames that arrive in pieces. */
const read = (pieces: readonly Buffer[]) => readFrames(pieces, converseAnswer);
const frame = (name: string, payload: string) =>
  smithyFrame({ ":event-type": name, ":message-type": "event" }, payload);

describe("a stream of Converse", () => {
  test("becomes events by their names, in whatever pieces it comes", async () => {
    const payloads = [
      ["messageStart", '{"role":"assistant","p":"abc"}'],
      ["contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"é🚀\\n"}}'],
      ["metadata", '{"usage":{"inputTokens":12345678901234567890}}'],
    ] as const;
    const bytes = Buffer.concat(payloads.map(([name, payload]) => frame(name, payload)));
    const expected = payloads.map(([name, payload]) => `event: ${name}\ndata: ${payload}\n\n`).join("");
    await expectReadInPieces(bytes, read, expected);
  });

  test("names its exceptions, and an error that has no model", async () => {
    expect(await read([exceptionFrame("throttlingException", 'Too many "tokens"')])).toBe(
      'event: throttlingException\ndata: {"message":"Too many \\"tokens\\""}\n\n',
    );
    const headers = { ":message-type": "error", ":error-code": "InternalError", ":error-message": "Oops" };
    expect(await read([smithyFrame(headers, "")])).toBe('event: internalError\ndata: {"message":"Oops"}\n\n');
    expect(await read([smithyFrame({ ":message-type": "exception" }, "")])).toMatch(/^event: error\n/);
  });

  test("cannot break out of its event by a line break", async () => {
    const payload = '{"a":1}\n\nevent: messageStop\ndata: {}';
    expect(await read([frame("messageStart", payload)])).not.toMatch(/^event: messageStop/m);
    expect(await read([frame("messageStart\nevent: x", "{}")])).toBe("");
  });

  test.each([
    ["ThrottlingException:http://internal.amazon.com/", 400, 429],
    ["AccessDeniedException", 400, 403],
    ["ValidationException", 400, 400],
  ])("of an error has the status that its name means: %s", (type, status, expected) => {
    const headers = { "x-amzn-errortype": type };
    expect(converseAnswer({ status, headers, body: bodyOf(Readable.from([])) }).status).toBe(expected);
  });
});
