import { randomBytes } from "node:crypto";

/** Random bytes come in blocks: one system call for hundreds of ids. */
const BLOCK = 4096;
const BYTES_PER_ID = 10;
/** rand_a starts in the lower half of its 12 bits, which leaves room to count up in a busy millisecond. */
const FIRST_COUNT_LIMIT = 0x800;

let block = Buffer.alloc(0);
let position = 0;
let lastMs = -1;
let count = 0;
/** The text of the last id's time, reused within a millisecond. */
let written = { ms: -1, text: "" };

/**
 * Creates a UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter (method 1 of its section 6.2), 62 random bits.
 * Without an argument, ids sort in the order of their creation, even if the clock is set back (each of a process's two
 * bundles has its own order). With `atMs`, the id has that time and is outside the order.
 */
export function uuidv7(atMs?: number): string {
  if (position + BYTES_PER_ID > block.length) {
    block = randomBytes(BLOCK);
    position = 0;
  }
  const seed = block.readUInt16BE(position) & (FIRST_COUNT_LIMIT - 1);
  let ms: number;
  let randA: number;
  if (atMs === undefined) {
    const nowMs = Date.now();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      count = seed;
    } else if (++count > 0xfff) {
      // The counter has overflowed: run a millisecond ahead of the clock, as the RFC allows.
      lastMs++;
      count = seed;
    }
    ms = lastMs;
    randA = count;
  } else {
    ms = Math.floor(atMs);
    randA = seed;
  }
  if (ms !== written.ms) {
    const time = ms.toString(16).padStart(12, "0");
    written = { ms, text: `${time.slice(0, 8)}-${time.slice(8)}` };
  }
  const variant = (0x8000 | (block.readUInt16BE(position + 2) & 0x3fff)).toString(16);
  const rest = block.toString("hex", position + 4, position + 10);
  position += BYTES_PER_ID;
  const a = (0x7000 | randA).toString(16);
  return `${written.text}-${a}-${variant}-${rest}`;
}

/** The time in a UUIDv7, in milliseconds since 1970. */
export const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
