import fc from "fast-check";
import { expect, test } from "vitest";
import { type ReceivedAnswer, responseReader } from "./response-reader";
import { splitsOf } from "./split-bytes";

const WHOLE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const EMPTY = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";
const CHUNKED =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n\r\n12345678\r\n0\r\n\r\n";

function read(parts: readonly Buffer[]) {
  const received: ReceivedAnswer[] = [];
  const reader = responseReader((answer) => received.push(answer));
  for (const part of parts) reader(part);
  return received.map(({ status, pieces, bodyBytes }) => ({
    status,
    body: Buffer.concat(pieces).toString(),
    bodyBytes,
  }));
}

test("reads the same answers however their bytes are split", () => {
  const wire = Buffer.from(WHOLE + CHUNKED + EMPTY + CHUNKED + WHOLE);
  const chunked = { status: 200, body: "abc\r\n12345678", bodyBytes: 13 };
  const whole = { status: 200, body: "hello", bodyBytes: 5 };
  const expected = [whole, chunked, { status: 429, body: "", bodyBytes: 0 }, chunked, whole];
  fc.assert(
    fc.property(splitsOf(wire), (parts) => {
      expect(read(parts)).toEqual(expected);
    }),
  );
});

test("rejects an answer without a length", () => {
  expect(() => read([Buffer.from("HTTP/1.1 200 OK\r\n\r\nhello")])).toThrow("without a length");
});
