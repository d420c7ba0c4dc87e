import fc from "fast-check";
import { expect, test } from "vitest";
import { requestReader } from "./request-reader";
import { splitsOf } from "./split-bytes";

const POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nGr\u00fc\u00dfe";
const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

function read(parts: readonly Buffer[]): string[] {
  const requests: string[] = [];
  const reader = requestReader((body, path) => requests.push(`${path} ${body}`));
  for (const part of parts) reader(part);
  return requests;
}

test("reads the same requests however their bytes are split", () => {
  const wire = Buffer.from(POST + GET + POST);
  fc.assert(
    fc.property(splitsOf(wire), (parts) => {
      expect(read(parts)).toEqual([
        "/v1/chat/completions Gr\u00fc\u00dfe",
        "/ ",
        "/v1/chat/completions Gr\u00fc\u00dfe",
      ]);
    }),
  );
});

test("rejects a request without a length", () => {
  const chunked = Buffer.from("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  expect(() => read([chunked])).toThrow("without a length");
});
