import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { smithyFrame } from "#lib/providers/testing/smithy";
import { frameReader } from "./event-stream";

const headers = fc.dictionary(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((name) => name !== "__proto__"),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  { maxKeys: 5 },
);
const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const frames = fc.array(fc.tuple(headers, payload), { maxLength: 5 });

/** Cuts bytes at positions, which wrap around. */
function cutAt(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const ends = [...positions.map((position) => position % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  let from = 0;
  return ends.map((end) => {
    const piece = bytes.subarray(from, end);
    from = end;
    return piece;
  });
}

/** A frame with its length (but for changed ones) and its checksums set. */
function withChecksums(bytes: Buffer, headerBytes?: number): Buffer {
  const fixed = Buffer.from(bytes);
  if (headerBytes !== undefined) {
    fixed.writeUInt32BE(fixed.length, 0);
    fixed.writeUInt32BE(headerBytes, 4);
  }
  fixed.writeUInt32BE(crc32(fixed.subarray(0, 8)), 8);
  fixed.writeUInt32BE(crc32(fixed.subarray(0, -4)), fixed.length - 4);
  return fixed;
}

describe("frames", () => {
  test("are read as AWS's own package writes them, in any pieces", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 12 }), (written, positions) => {
        const bytes = Buffer.concat(written.map(([fields, body]) => smithyFrame(fields, body)));
        const reader = frameReader();
        const read = cutAt(bytes, positions).flatMap(reader.push);
        reader.end();
        expect(read.map((frame) => [Object.fromEntries(frame.headers), frame.payload])).toEqual(
          written.map(([fields, body]) => [fields, body]),
        );
      }),
    );
  });

  test("are read byte by byte", () => {
    const bytes = Buffer.concat([smithyFrame({ a: "1" }, "one"), smithyFrame({}, "")]);
    const reader = frameReader();
    const read = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
    expect(read.map((frame) => String(frame.payload))).toEqual(["one", ""]);
  });

  test("may have headers of every other type, which are skipped", () => {
    // As AWS's test vector "all_headers" has them, by their types (smithy.io/2.0/aws/amazon-eventstream.html).
    const values = [
      [0],
      [1],
      [2, 0xcf],
      [3, 0, 42],
      [4, 0, 0, 0xa0, 0x0c],
      [5, 0, 0, 0, 0, 2, 0, 0, 0],
      [6, 0, 2, 0xff, 0x00],
      [7, 0, 1, 0x41],
      [8, 0, 0, 0, 0, 0, 0x7e, 0xd3, 0x20],
      [9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    ];
    const written = values.flatMap((value, at) => [1, 0x61 + at, ...value]);
    const plain = smithyFrame({}, "body");
    const bytes = withChecksums(
      Buffer.concat([plain.subarray(0, 12), Buffer.from(written), plain.subarray(12)]),
      written.length,
    );
    const [frame] = frameReader().push(bytes);
    expect([...(frame?.headers ?? [])]).toEqual([["h", "A"]]);
    expect(String(frame?.payload)).toBe("body");
  });
});

describe("a damaged stream", () => {
  const whole = smithyFrame({ ":event-type": "chunk" }, '{"bytes":"aGVsbG8="}');

  test("fails, whichever bit of a frame is wrong", () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const bytes = Buffer.from(whole);
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        expect(() => frameReader().push(bytes)).toThrow("The provider's stream is damaged");
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, (bytes: Buffer) => void]>([
    ["a length that no frame has", (bytes) => bytes.writeUInt32BE(0x7fffffff, 0)],
    ["a length below that of its headers", (bytes) => bytes.writeUInt32BE(20, 0)],
    ["headers that are longer than it is", (bytes) => bytes.writeUInt32BE(0x00100000, 4)],
    ["a header that is longer than all of them", (bytes) => bytes.writeUInt8(200, 12)],
    ["a value of a type that is none", (bytes) => bytes.writeUInt8(77, 12 + 1 + ":event-type".length)],
  ])("fails at %s, though its checksums are right", (_, change) => {
    const bytes = Buffer.from(whole);
    change(bytes);
    expect(() => frameReader().push(withChecksums(bytes))).toThrow("damaged");
  });

  test("gives what came whole before, in the same piece, too", () => {
    const wrong = Buffer.from(whole);
    wrong.writeUInt8(wrong.readUInt8(20) ^ 1, 20);
    const reader = frameReader();
    expect(reader.push(Buffer.concat([whole, wrong, whole]))).toHaveLength(1);
    expect(() => reader.push(whole)).toThrow("damaged");
    expect(reader.end).toThrow("damaged");
  });

  test("fails at its end in the middle of a frame, and not between two", () => {
    for (const end of [1, 12, whole.length - 1]) {
      const reader = frameReader();
      expect(reader.push(whole.subarray(0, end))).toEqual([]);
      expect(reader.end).toThrow("ended in the middle of a frame");
    }
    const reader = frameReader();
    reader.push(whole);
    expect(reader.end).not.toThrow();
  });

  test("is an answer that was served, and billed", () => {
    const reader = frameReader();
    try {
      reader.push(Buffer.alloc(12, 1));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: "UpstreamUnreachable", dispatched: true });
    }
  });
});

test("a large frame in many pieces is put together once", () => {
  const bytes = smithyFrame({}, Buffer.alloc(8 * 1024 * 1024, 1));
  const reader = frameReader();
  const startedMs = performance.now();
  let read = 0;
  for (let at = 0; at < bytes.length; at += 512) read += reader.push(bytes.subarray(at, at + 512)).length;
  expect(read).toBe(1);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
