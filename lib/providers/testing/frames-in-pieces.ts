import { Readable } from "node:stream";
import fc from "fast-check";
import { expect } from "vitest";
import { bodyOf } from "#lib/providers/upstream-body";
import type { UpstreamAnswer } from "#lib/providers/wire";

/**
 * What is read of frames of AWS that arrive in pieces.
 * @param answered makes an answer of events of what the provider sends
 */
export async function readFrames(
  pieces: readonly Buffer[],
  answered: (answer: UpstreamAnswer) => UpstreamAnswer,
): Promise<string> {
  const headers = { "content-type": "application/vnd.amazon.eventstream" };
  const answer = answered({ status: 200, headers, body: bodyOf(Readable.from(pieces)) });
  expect(answer.headers).toEqual({ "content-type": "text/event-stream" });
  let text = "";
  for await (const chunk of answer.body.chunks()) text += chunk.toString("utf8");
  return text;
}

/** Expects that the same is read of bytes in whatever pieces they come. */
export async function expectReadInPieces(
  bytes: Buffer,
  read: (pieces: readonly Buffer[]) => Promise<string>,
  expected: string,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 10 }), async (cuts) => {
      const ends = [...cuts, bytes.length].sort((a, b) => a - b);
      const pieces = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
      expect(await read(pieces.filter((piece) => piece.length > 0))).toBe(expected);
    }),
    { numRuns: 60 },
  );
}
