import { once } from "node:events";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import {
  type BrotliCompress,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  type Deflate,
  type Gzip,
} from "node:zlib";
import type { Framing } from "./scenario";

/** Content-encodes the pieces like a provider that flushes after each event: one piece stays one piece. */
export async function encode(
  pieces: readonly Buffer[],
  encoding: NonNullable<Framing["encoding"]>,
): Promise<Buffer[]> {
  const encoder = encoderFor(encoding);
  const encoded: Buffer[] = [];
  let ready: Buffer[] = [];
  encoder.on("data", (bytes: Buffer) => ready.push(bytes));
  for (const piece of pieces) {
    encoder.write(piece);
    await new Promise<void>((flushed) => flush(encoder, encoding, flushed));
    encoded.push(Buffer.concat(ready));
    ready = [];
  }
  encoder.end();
  await once(encoder, "end");
  encoded.push(Buffer.concat(ready));
  return encoded.filter((bytes) => bytes.length > 0);
}

function encoderFor(encoding: NonNullable<Framing["encoding"]>): Gzip | Deflate | BrotliCompress {
  if (encoding === "gzip") return createGzip();
  return encoding === "br" ? createBrotliCompress() : createDeflate();
}

function flush(
  encoder: Gzip | Deflate | BrotliCompress,
  encoding: NonNullable<Framing["encoding"]>,
  flushed: () => void,
): void {
  // zlib's default is a full flush, which resets the dictionary; Brotli has its own constant.
  const kind = encoding === "br" ? constants.BROTLI_OPERATION_FLUSH : constants.Z_SYNC_FLUSH;
  encoder.flush(kind, flushed);
}

/** Cuts the bytes into writes of `writeBytes`, also within characters. */
export function cut(pieces: readonly Buffer[], writeBytes: number): Buffer[] {
  const all = Buffer.concat(pieces);
  const writes: Buffer[] = [];
  for (let at = 0; at < all.length; at += writeBytes) writes.push(all.subarray(at, at + writeBytes));
  return writes;
}

/** Waits between two writes; zero still ends the turn of the event loop, so that Node does not join them. */
export async function betweenWrites(paceMs: number): Promise<void> {
  if (paceMs > 0) await pause(paceMs);
  else await nextTurn();
}
