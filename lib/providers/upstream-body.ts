import type { Readable } from "node:stream";
import { CallUnwanted } from "./upstream-error";

/**
 * The bytes of a provider's answer as they arrive, to be read once: chunk by chunk, or as a whole. It does
 * what a Readable does for one reader, at a fraction of the price: every answer goes through one.
 */
export type UpstreamBody = {
  /** As they arrive; what has come since the last read comes together. To stop reading before the end cuts the connection. */
  chunks: () => AsyncIterableIterator<Buffer>;
  /** @throws what broke the connection, or an Error for more than `maxBytes` */
  whole: (maxBytes: number) => Promise<Buffer>;
  /** Ends it where it has not ended: the connection is cut, and who reads sees an error, not an early end. */
  cut: () => void;
};

/** Where the bytes come from. */
export type ByteSource = {
  pause: () => void;
  resume: () => void;
  abort: (error: Error) => void;
};

/** A body with what fills it. */
export type FilledBody = {
  body: UpstreamBody;
  push: (chunk: Buffer) => void;
  end: () => void;
  /** What has arrived is read first. */
  fail: (error: Error) => void;
};

type Reader<T> = { resolve: (value: T) => void; reject: (error: Error) => void };

/** A reader that is slower than its provider has so much waiting for it before the provider waits. */
const MOST_WAITING_BYTES = 64 * 1024;
const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Makes a body that is filled from a source. */
export function upstreamBody(source: ByteSource): FilledBody {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let paused = false;
  let ended = false;
  let failure: Error | null = null;
  let next: Reader<IteratorResult<Buffer>> | null = null;
  let whole: (Reader<Buffer> & { maxBytes: number }) | null = null;

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
    if (whole) tooLarge(whole.maxBytes);
    else if (waitingBytes > MOST_WAITING_BYTES && !paused) {
      paused = true;
      source.pause();
    }
  }

  function tooLarge(maxBytes: number): void {
    if (waitingBytes > maxBytes) stop(new Error(`the provider's answer is larger than ${maxBytes} bytes`));
  }

  function end(): void {
    if (failure || ended) return;
    ended = true;
    next?.resolve(END);
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
    // First, since a source may fail in its own words when it is aborted.
    fail(error);
    source.abort(error);
  }

  function goOn(): void {
    if (!paused) return;
    paused = false;
    source.resume();
  }

  function read(): Promise<IteratorResult<Buffer>> {
    if (waiting.length > 0) {
      const value = joined(waiting);
      waiting = [];
      waitingBytes = 0;
      goOn();
      return Promise.resolve({ done: false, value });
    }
    if (failure) return Promise.reject(failure);
    if (ended) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      next = { resolve, reject };
    });
  }

  const cut = () => stop(new CallUnwanted());
  const body: UpstreamBody = {
    chunks: () => ({
      next: read,
      return: () => {
        cut();
        return Promise.resolve(END);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    }),
    whole: (maxBytes) =>
      new Promise((resolve, reject) => {
        whole = { resolve, reject, maxBytes };
        if (failure) reject(failure);
        else if (ended) resolve(joined(waiting));
        else {
          tooLarge(maxBytes);
          goOn();
        }
      }),
    cut,
  };
  return { body, push, end, fail };
}

/** One buffer of several, without a copy where there is only one. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return only && chunks.length === 1 ? only : Buffer.concat(chunks);
}

/** A body from one of Node's streams, for answers that come by no connection, or compressed. */
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
