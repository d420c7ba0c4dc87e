import { Readable } from "node:stream";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodedBody } from "./decode-body";
import { bodyOf } from "./upstream-body";
import { AnswerTooLarge } from "./upstream-error";

const MB = 1024 * 1024;

function bodyIn(encoding: string | string[], chunks: Iterable<Buffer>) {
  return decodedBody({
    status: 200,
    headers: { "content-encoding": encoding },
    body: bodyOf(Readable.from(chunks, { objectMode: false })),
  });
}

/** Text that compresses about as well as JSON does. */
function prose(bytes: number): Buffer {
  let text = "";
  let state = 1;
  while (text.length < bytes) {
    state = (state * 48_271) % 2_147_483_647;
    text += `{"token":"word${state % 10_000}"},`;
  }
  return Buffer.from(text);
}

describe.each([
  ["gzip", (bytes: Buffer) => gzipSync(bytes)],
  ["deflate", (bytes: Buffer) => deflateSync(bytes)],
  // The default quality takes seconds.
  ["br", (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
])("an answer in %s", (encoding, compressed) => {
  const bomb = compressed(Buffer.alloc(64 * MB, "a"));

  test("that unpacks from kilobytes to 64 MB ends as too large, after little more than it may be", async () => {
    let bytes = 0;
    const read = async () => {
      for await (const chunk of bodyIn(encoding, [bomb]).chunks()) bytes += chunk.length;
    };
    await expect(read()).rejects.toThrow(AnswerTooLarge);
    expect(bytes).toBeLessThan(Math.max(MB, bomb.length * 100) + MB);
    await expect(bodyIn(encoding, [bomb]).whole(256 * MB)).rejects.toThrow("more than 100 times its size");
  });

  test("does so also when it trickles in", async () => {
    const pieces = Array.from({ length: Math.ceil(bomb.length / 16) }, (_, at) =>
      bomb.subarray(at * 16, at * 16 + 16),
    );
    await expect(bodyIn(encoding, pieces).whole(256 * MB)).rejects.toThrow(AnswerTooLarge);
  });

  test("that is large and ordinary is read whole", async () => {
    const bytes = prose(4 * MB);
    const read = await bodyIn(encoding, [compressed(bytes)]).whole(64 * MB);
    expect(read.equals(bytes)).toBe(true);
  });

  test("that is cut short is an error, however little is missing", async () => {
    const bytes = compressed(prose(10_000));
    for (const missing of [1, 4, bytes.length - 20]) {
      await expect(bodyIn(encoding, [bytes.subarray(0, -missing)]).whole(MB)).rejects.toThrow(
        "unexpected end",
      );
    }
  });

  test("may unpack to 1 MB from any size", async () => {
    const bytes = Buffer.alloc(MB, "a");
    expect(await bodyIn(encoding, [compressed(bytes)]).whole(MB)).toHaveLength(MB);
  });
});

test.each(["", "identity", "UTF-8", "identity, none"])("the encoding %j is none", async (encoding) => {
  expect(String(await bodyIn(encoding, [Buffer.from("text")]).whole(MB))).toBe("text");
});

test("a compression is found in a list of encodings", async () => {
  expect(String(await bodyIn("identity, GZIP", [gzipSync("text")]).whole(MB))).toBe("text");
});

test.each([["zstd"], ["gzip, gzip"], [["gzip", "gzip"]]])("the encoding %j is an error", (encoding) => {
  expect(() => bodyIn(encoding, [])).toThrow("unknown content-encoding");
});
