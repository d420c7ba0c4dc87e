import type { Readable } from "node:stream";
import { AnswerTooLarge, CallCancelled } from "./upstream-error";

/**
 * The bytes of a provider's answer, to be read once: chunk by chunk, or as a whole. It does what a Readable does
 * for one reader at a fraction of the cost, since every answer goes through one.
 */
export type UpstreamBody = {
  /** Bytes as they arrive, joined since the last read, 32 KB at a time. Leaving the iteration early cuts the connection. */
  chunks: () => AsyncIterableIterator<Buffer>;
  /**
   * @param room takes what is gathered of an answer above 1 MB
   * @throws the error that broke the connection, AnswerTooLarge for more than `maxBytes`, or what `room` returns
   */
  whole: (maxBytes: number, room?: Room) => Promise<Buffer>;
  /** Cuts the connection unless the body has ended. The reader gets an error rather than an early end. */
  cut: () => void;
};

/** Bounds what is in memory of many answers at once. */
export type Room = {
  /** Takes room for bytes that have arrived. Returns what ends the answer if there is none, else null. */
  take: (bytes: number) => Error | null;
  /** Whether to read on; if not, `resume` is called when it is time to. */
  isFree: (resume: () => void) => boolean;
};

/** Waits until it is time to read on. */
export const untilFree = (room: Room): Promise<void> =>
  new Promise((resolve) => {
    if (room.isFree(resolve)) resolve();
  });

/** Smaller answers take no room: most are far smaller. */
export const LEAST_ROOM_BYTES = 1024 * 1024;

/** Where the bytes come from. */
export type ByteSource = {
  pause: () => void;
  resume: () => void;
  abort: (error: Error) => void;
};

/** A body and the functions that fill it. */
export type FilledBody = {
  body: UpstreamBody;
  push: (chunk: Buffer) => void;
  end: () => void;
  /** The reader gets what has arrived first. */
  fail: (error: Error) => void;
};

type Reader<T> = { resolve: (value: T) => void; reject: (error: Error) => void };

/** How much may wait for a slow reader before the provider is paused. */
const MAX_WAITING_BYTES = 64 * 1024;
/**
 * How much a reader gets at a time. A source may have more at once, again and again: after a large piece, other
 * requests get their turn.
 */
const MOST_PIECE_BYTES = 32 * 1024;
const LARGE_PIECE_BYTES = 8 * 1024;
/** What iterators return after the last chunk. */
export const END_OF_BODY: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Creates a body that a source fills. */
export function upstreamBody(source: ByteSource): FilledBody {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let paused = false;
  let ended = false;
  let failure: Error | null = null;
  let next: Reader<IteratorResult<Buffer>> | null = null;
  let whole: (Reader<Buffer> & { maxBytes: number; room: Room | null; takenBytes: number }) | null = null;

  function push(chunk: Buffer): void {
    if (ended || failure) return;
    if (next) {
      const { resolve } = next;
      next = null;
      resolve({ done: false, value: chunk });
      return;
    }
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (whole) gather();
    else if (waitingBytes > MAX_WAITING_BYTES) pause();
  }

  function pause(): void {
    if (paused) return;
    paused = true;
    source.pause();
  }

  /** Judges what has been gathered of a whole body. */
  function gather(): void {
    if (whole === null) return;
    const { maxBytes, room } = whole;
    const isTooLarge = waitingBytes > maxBytes;
    if (!isTooLarge && (room === null || waitingBytes < LEAST_ROOM_BYTES)) return;
    const failed = isTooLarge
      ? new AnswerTooLarge(`The provider's answer is larger than ${maxBytes} bytes`)
      : room?.take(waitingBytes - whole.takenBytes);
    if (failed) {
      stop(failed);
      return;
    }
    whole.takenBytes = waitingBytes;
    if (room?.isFree(resume) === false) pause();
  }

  function end(): void {
    if (failure || ended) return;
    ended = true;
    next?.resolve(END_OF_BODY);
    whole?.resolve(joined(waiting));
  }

  function fail(error: Error): void {
    if (ended) return;
    failure ??= error;
    next?.reject(failure);
    whole?.reject(failure);
  }

  function stop(error: Error): void {
    if (ended || failure) return;
    waiting = [];
    // First, since aborting a source may make it fail with another error.
    fail(error);
    source.abort(error);
  }

  function resume(): void {
    if (!paused || failure) return;
    paused = false;
    source.resume();
  }

  function read(): Promise<IteratorResult<Buffer>> {
    if (waiting.length > 0) {
      const value = takePiece();
      const step: IteratorResult<Buffer> = { done: false, value };
      return value.length < LARGE_PIECE_BYTES ? Promise.resolve(step) : afterATurn(step);
    }
    if (failure) return Promise.reject(failure);
    if (ended) return Promise.resolve(END_OF_BODY);
    return new Promise((resolve, reject) => {
      next = { resolve, reject };
    });
  }

  function takePiece(): Buffer {
    const all = joined(waiting);
    const piece = all.subarray(0, MOST_PIECE_BYTES);
    const rest = all.subarray(piece.length);
    waiting = rest.length === 0 ? [] : [rest];
    waitingBytes = rest.length;
    if (rest.length === 0) resume();
    return piece;
  }

  const cut = () => stop(new CallCancelled());
  const body: UpstreamBody = {
    chunks: () => iterator(read, cut),
    whole: (maxBytes, room) =>
      new Promise((resolve, reject) => {
        whole = { resolve, reject, maxBytes, room: room ?? null, takenBytes: 0 };
        if (failure) reject(failure);
        else if (ended) resolve(joined(waiting));
        else {
          resume();
          gather();
        }
      }),
    cut,
  };
  return { body, push, end, fail };
}

const afterATurn = <T>(value: T): Promise<T> =>
  new Promise((resolve) => {
    setImmediate(resolve, value);
  });

/** Reads chunk by chunk; leaving early cuts the connection. */
export const iterator = (
  next: () => Promise<IteratorResult<Buffer>>,
  cut: () => void,
): AsyncIterableIterator<Buffer> => ({
  next,
  return: () => {
    cut();
    return Promise.resolve(END_OF_BODY);
  },
  [Symbol.asyncIterator]() {
    return this;
  },
});

/** Joins buffers, without a copy if there is only one. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return only && chunks.length === 1 ? only : Buffer.concat(chunks);
}

/** A body from a Node stream, for answers that are compressed or made in this process. */
export function bodyOf(stream: Readable): UpstreamBody {
  const filled = upstreamBody({
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    abort: (error) => stream.destroy(error),
  });
  stream.on("data", filled.push);
  stream.once("end", filled.end);
  stream.on("error", filled.fail);
  return filled.body;
}
