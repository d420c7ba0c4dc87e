import fc from "fast-check";
import { expect, test } from "vitest";
import { type HeardAnswer, responseReader } from "./response-reader";

const WHOLE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const EMPTY = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";
const CHUNKED =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n\r\n12345678\r\n0\r\n\r\n";

function read(parts: readonly Buffer[]) {
  const heard: HeardAnswer[] = [];
  const reader = responseReader((answer) => heard.push(answer));
  for (const part of parts) reader(part);
  return heard.map(({ status, pieces, bodyBytes }) => ({
    status,
    body: Buffer.concat(pieces).toString(),
    bodyBytes,
  }));
}

test("hears the same answers however the bytes arrive", () => {
  const wire = Buffer.from(WHOLE + CHUNKED + EMPTY + CHUNKED + WHOLE);
  const chunked = { status: 200, body: "abc\r\n12345678", bodyBytes: 13 };
  const whole = { status: 200, body: "hello", bodyBytes: 5 };
  const expected = [whole, chunked, { status: 429, body: "", bodyBytes: 0 }, chunked, whole];
  fc.assert(
    fc.property(fc.array(fc.nat(wire.length)), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), wire.length];
      const parts = at.slice(1).map((end, i) => wire.subarray(at[i], end));
      expect(read(parts)).toEqual(expected);
    }),
  );
});

test("does not take an answer without a length for one", () => {
  expect(() => read([Buffer.from("HTTP/1.1 200 OK\r\n\r\nhello")])).toThrow("without a length");
});
