import { crc32 } from "node:zlib";
import { UpstreamUnreachable } from "#lib/providers/upstream-error";

/** A message of AWS's event stream: its headers that are texts, and its payload. */
export type Frame = { headers: ReadonlyMap<string, string>; payload: Buffer };

/** Reads frames from chunks that begin and end anywhere. */
export type FrameReader = {
  /** The frames that a chunk completes. @throws UpstreamUnreachable for a damaged one, after those before it */
  push: (chunk: Buffer) => Frame[];
  /** @throws UpstreamUnreachable in the middle of a frame */
  end: () => void;
};

/** Two lengths and their checksum. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const LEAST_BYTES = PRELUDE_BYTES + CHECKSUM_BYTES;
/** The most that AWS's own readers take (smithy.io/2.0/aws/amazon-eventstream.html). */
const MOST_BYTES = 24 * 1024 * 1024;
const MOST_HEADER_BYTES = 128 * 1024;

const TEXT = 7;
const BYTES = 6;
/** How long values of other types are, by the number of the type. */
const LENGTHS: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };

/** Creates a reader for one stream, which checks both checksums of each frame. */
export function frameReader(): FrameReader {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let neededBytes = PRELUDE_BYTES;
  let failure: unknown = null;
  const headersOf = headerReader();

  function push(chunk: Buffer): Frame[] {
    if (failure !== null) throw failure;
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < neededBytes) return [];
    let bytes = waiting.length === 1 ? chunk : Buffer.concat(waiting);
    const frames: Frame[] = [];
    try {
      for (;;) {
        neededBytes = bytes.length < PRELUDE_BYTES ? PRELUDE_BYTES : lengthIn(bytes);
        if (bytes.length < neededBytes) break;
        frames.push(frameIn(bytes.subarray(0, neededBytes), headersOf));
        bytes = bytes.subarray(neededBytes);
      }
    } catch (error) {
      failure = error;
      if (frames.length === 0) throw error;
    }
    waiting = bytes.length === 0 ? [] : [bytes];
    waitingBytes = bytes.length;
    return frames;
  }

  function end(): void {
    if (failure !== null) throw failure;
    if (waitingBytes > 0)
      throw new UpstreamUnreachable("The provider's stream ended in the middle of a frame", true);
  }

  return { push, end };
}

/** The length of the frame that begins here, once its checksum says that it is one. */
function lengthIn(bytes: Buffer): number {
  const length = bytes.readUInt32BE(0);
  const headerLength = bytes.readUInt32BE(4);
  const isWhole = crc32(bytes.subarray(0, 8)) === bytes.readUInt32BE(8);
  if (!isWhole || length > MOST_BYTES || headerLength > MOST_HEADER_BYTES) throw damaged();
  if (length < LEAST_BYTES + headerLength) throw damaged();
  return length;
}

function frameIn(bytes: Buffer, headersOf: (bytes: Buffer) => Frame["headers"]): Frame {
  const end = bytes.length - CHECKSUM_BYTES;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw damaged();
  const payloadStart = PRELUDE_BYTES + bytes.readUInt32BE(4);
  return {
    headers: headersOf(bytes.subarray(PRELUDE_BYTES, payloadStart)),
    payload: bytes.subarray(payloadStart, end),
  };
}

/** Nearly all frames of a stream have the same headers. */
function headerReader(): (bytes: Buffer) => Frame["headers"] {
  let lastBytes: Buffer | null = null;
  let last: Frame["headers"] = new Map();
  return (bytes) => {
    if (lastBytes?.equals(bytes)) return last;
    last = headersIn(bytes);
    lastBytes = bytes;
    return last;
  };
}

function headersIn(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw damaged();
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const name = take(take(1).readUInt8()).toString("utf8");
    const type = take(1).readUInt8();
    const length = type === TEXT || type === BYTES ? take(2).readUInt16BE() : LENGTHS[type];
    if (length === undefined) throw damaged();
    const value = take(length);
    if (type === TEXT) headers.set(name, value.toString("utf8"));
  }
  return headers;
}

const damaged = () => new UpstreamUnreachable("The provider's stream is damaged", true);
