import { Readable } from "node:stream";
import { afterEach, describe, expect, test, vi } from "vitest";
import { BEDROCK_EVENTS, chunkFrame, exceptionFrame, framed } from "#lib/providers/testing/fake-bedrock";
import { expectReadInPieces, readFrames } from "#lib/providers/testing/frames-in-pieces";
import { asEvents } from "#lib/providers/testing/hosted-claude";
import { smithyFrame } from "#lib/providers/testing/smithy";
import { bodyOf, upstreamBody } from "#lib/providers/upstream-body";
import { claudeAnswer } from "./claude-frames";

const CONTENT_TYPE = "application/vnd.amazon.eventstream";

/** What a client reads of frames that arrive in pieces. */
const read = (pieces: readonly Buffer[]) => readFrames(pieces, claudeAnswer);

describe("a stream of Claude's on Bedrock", () => {
  test("becomes Anthropic's events, byte for byte, in whatever pieces it comes", async () => {
    const bytes = framed(BEDROCK_EVENTS);
    const expected = asEvents(BEDROCK_EVENTS);
    expect(expected).toContain("amazon-bedrock-invocationMetrics");
    await expectReadInPieces(bytes, read, expected);
  });

  test("keeps numbers, escapes and spaces of an event as they are", async () => {
    const event =
      '{ "type" : "content_block_delta", "index": 1.0, "big":12345678901234567890, "a":"\\u00e9é🚀"}';
    expect(await read([chunkFrame(event)])).toBe(`event: content_block_delta\ndata: ${event}\n\n`);
    expect(await read([chunkFrame('{"index":0,"type":"ping"}')])).toBe(
      'event: ping\ndata: {"index":0,"type":"ping"}\n\n',
    );
  });

  test("cannot break out of its event by a line break", async () => {
    const event = '{"type":"ping",\n"x":1}\r\n\r\nevent: message_stop';
    expect(await read([chunkFrame(event)])).toBe(
      'event: ping\ndata: {"type":"ping",\ndata: "x":1}\ndata: \ndata: event: message_stop\n\n',
    );
    expect(await read([chunkFrame('{"type":"ping\\n\\nevent: message_stop"}')])).toBe("");
  });

  test("is read from a payload in another form, too", async () => {
    const bytes = Buffer.from('{"type":"ping","a":"???>>>"}').toString("base64");
    expect(bytes).toContain("/");
    for (const payload of [
      `{"p":"abc","bytes":"${bytes}"}`,
      `{ "bytes" : "${bytes}" }`,
      `{"bytes":"${bytes.replaceAll("/", "\\/")}"}`,
    ]) {
      const frame = smithyFrame({ ":message-type": "event", ":event-type": "chunk" }, payload);
      expect(await read([frame])).toBe('event: ping\ndata: {"type":"ping","a":"???>>>"}\n\n');
    }
  });

  test("leaves out what is no event of Anthropic's", async () => {
    const others = [
      smithyFrame({ ":message-type": "event", ":event-type": "initial-response" }, "{}"),
      smithyFrame({ ":message-type": "event", ":event-type": "chunk" }, "{}"),
      smithyFrame({ ":message-type": "event", ":event-type": "chunk" }, "no JSON"),
      chunkFrame("{}"),
      chunkFrame("[]"),
    ];
    expect(await read(others)).toBe("");
  });

  test.each([
    ["throttlingException", "rate_limit_error"],
    ["serviceUnavailableException", "overloaded_error"],
    ["modelTimeoutException", "timeout_error"],
    ["validationException", "invalid_request_error"],
    ["internalServerException", "api_error"],
    ["modelStreamErrorException", "api_error"],
    ["ThrottlingException", "rate_limit_error"],
  ])("ends in an error of Anthropic's at a %s", async (name, type) => {
    const code = name.charAt(0).toLowerCase() + name.slice(1);
    const error = { type, message: 'Too many "tokens"', code };
    expect(await read([exceptionFrame(name, 'Too many "tokens"')])).toBe(
      `event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`,
    );
  });

  test("ends in an error at one that AWS has no model for", async () => {
    const headers = { ":message-type": "error", ":error-code": "InternalError", ":error-message": "Oops" };
    expect(await read([smithyFrame(headers, "")])).toContain(
      '{"type":"api_error","message":"Oops","code":"internalError"}',
    );
    expect(await read([smithyFrame({ ":message-type": "exception" }, "no JSON")])).toContain(
      '"code":"unknown"',
    );
  });

  test("fails if it is damaged or cut, after what was whole", async () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = BEDROCK_EVENTS.map((event) =>
      framed([event]),
    );
    const wrong = Buffer.from(second);
    wrong.writeUInt8(wrong.readUInt8(wrong.length - 1) ^ 1, wrong.length - 1);
    await expect(read([first, wrong])).rejects.toThrow("damaged");
    await expect(read([first, second.subarray(0, -1)])).rejects.toThrow("in the middle of a frame");
  });
});

describe("while nothing comes", () => {
  afterEach(() => vi.useRealTimers());

  test("comments keep the connection to the client alive, and nothing is lost", async () => {
    vi.useFakeTimers();
    let isCut = false;
    const filled = upstreamBody({
      pause: () => {},
      resume: () => {},
      abort: () => {
        isCut = true;
      },
    });
    const answer = claudeAnswer({
      status: 200,
      headers: { "content-type": CONTENT_TYPE },
      body: filled.body,
    });
    const chunks = answer.body.chunks();
    for (let waits = 0; waits < 2; waits++) {
      const silent = chunks.next();
      await vi.advanceTimersByTimeAsync(15_000);
      expect(String((await silent).value)).toBe(": keep-alive\n\n");
    }
    const [event = {}] = BEDROCK_EVENTS;
    filled.push(framed([event]));
    expect(String((await chunks.next()).value)).toBe(asEvents([event]));
    await chunks.return?.();
    expect(isCut).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("another answer", () => {
  const answered = (status: number, headers: Record<string, string>) =>
    claudeAnswer({ status, headers, body: bodyOf(Readable.from([Buffer.from('{"a":1}')])) });

  test("that is no stream of frames is left as it is", async () => {
    const { headers, body } = answered(200, { "content-type": "application/json" });
    expect(headers).toEqual({ "content-type": "application/json" });
    expect(String(await body.whole(100))).toBe('{"a":1}');
  });

  test.each([
    [400, "ValidationException", 400],
    [400, "ServiceQuotaExceededException", 429],
    [400, "ThrottlingException:http://internal.amazon.com/coral/", 429],
    [400, "UnrecognizedClientException", 403],
    [400, "IncompleteSignatureException", 403],
    [400, "ExpiredTokenException", 403],
    [404, "ResourceNotFoundException", 404],
    [503, "ServiceUnavailableException", 503],
    [500, "", 500],
  ])("with status %i and the type %j counts as %i", async (status, type, counted) => {
    expect(answered(status, { "x-amzn-errortype": type }).status).toBe(counted);
  });

  test("larger than may be read cuts the connection", async () => {
    const body = bodyOf(Readable.from([framed(BEDROCK_EVENTS)]));
    const frames = claudeAnswer({ status: 200, headers: { "content-type": CONTENT_TYPE }, body });
    await expect(frames.body.whole(100)).rejects.toThrow("larger than 100 bytes");
  });
});
