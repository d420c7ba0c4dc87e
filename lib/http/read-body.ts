import { isUtf8 } from "node:buffer";
import { ApiError } from "./api-error";
import { BODY_PATIENCE, type BodyPatience, watchBody } from "./body-patience";

/** Of so small a body nobody can say in between how far it has come, nor needs to: it is read in one go. */
const SMALL_BYTES = 262_144;
/** A body may come a byte at a time, and each piece costs far more than its bytes while it is kept apart. */
const MOST_PIECES = 1024;

/**
 * Reads the body of a Web request, at most `maxBytes` of it.
 * @throws ApiError request_too_large, request_timeout, or invalid_request when the client stops in its middle
 */
export async function readWebBody(
  request: Request,
  maxBytes: number,
  patience: BodyPatience = BODY_PATIENCE,
): Promise<Buffer> {
  const declared = Number(request.headers.get("content-length") ?? Number.POSITIVE_INFINITY);
  if (declared > maxBytes && Number.isFinite(declared)) throw bodyTooLarge(maxBytes);
  if (request.body === null) return Buffer.alloc(0);
  // The server ends a body at its declared length.
  if (declared <= SMALL_BYTES) return within(patience, request.arrayBuffer().then(Buffer.from));
  return readChunks(request.body, maxBytes, patience);
}

/** @throws ApiError invalid_request for what is not UTF-8 */
export function utf8Text(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new ApiError("invalid_request", "The request body is not valid UTF-8.");
  return bytes.toString("utf8");
}

/** What a body is gathered in while it arrives. */
export type Gathering = {
  /** @throws ApiError request_too_large once it is more than it may be: a declared length is only a claim */
  add: (chunk: Uint8Array) => void;
  whole: () => Buffer;
};

export function gathering(maxBytes: number): Gathering {
  const gathered: Uint8Array[] = [];
  let recent: Uint8Array[] = [];
  let length = 0;
  return {
    add: (chunk) => {
      length += chunk.byteLength;
      if (length > maxBytes) throw bodyTooLarge(maxBytes);
      recent.push(chunk);
      if (recent.length < MOST_PIECES) return;
      gathered.push(joined(recent));
      recent = [];
    },
    whole: () => joined(gathered.length === 0 ? recent : [...gathered, ...recent]),
  };
}

/** One buffer of several, without a copy where there is only one. */
export function joined(chunks: readonly Uint8Array[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && Buffer.isBuffer(only) ? only : Buffer.concat(chunks);
}

export function bodyBrokenOff(cause?: unknown): ApiError {
  return new ApiError("invalid_request", "The request body broke off before its end.", { cause });
}

export function bodyTooLarge(maxBytes: number): ApiError {
  return new ApiError("request_too_large", `The request body is larger than ${maxBytes} bytes.`);
}

async function readChunks(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  patience: BodyPatience,
): Promise<Buffer> {
  const reader = body.getReader();
  const gathered = gathering(maxBytes);
  let refused: ApiError | undefined;
  const watch = watchBody(patience, (tooSlow) => {
    refused = tooSlow;
    reader.cancel(tooSlow).catch(() => {});
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (refused) throw refused;
      if (done) return gathered.whole();
      watch.progress();
      gathered.add(value);
    }
  } catch (cause) {
    // What is still on its way is nobody's any more.
    reader.cancel(cause).catch(() => {});
    throw refused ?? (cause instanceof ApiError ? cause : bodyBrokenOff(cause));
  } finally {
    watch.stop();
  }
}

function within(patience: BodyPatience, body: Promise<Buffer>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const watch = watchBody(patience, reject);
    body.then(resolve, (cause) => reject(bodyBrokenOff(cause))).finally(watch.stop);
  });
}
