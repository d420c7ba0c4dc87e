import "server-only";
import { isUtf8 } from "node:buffer";
import { ApiError } from "./api-error";

/**
 * Reads the body of a Web request, at most `maxBytes` of it.
 * @throws ApiError request_too_large, or invalid_request when the client stops in its middle
 */
export async function readWebBody(request: Request, maxBytes: number): Promise<Buffer> {
  const declared = request.headers.get("content-length");
  if (declared === null) return readChunks(request.body ?? [], maxBytes);
  if (Number(declared) > maxBytes) throw bodyTooLarge(maxBytes);
  // The server ends a body at its declared length.
  try {
    return Buffer.from(await request.arrayBuffer());
  } catch (cause) {
    throw bodyBrokenOff(cause);
  }
}

/** @throws ApiError invalid_request for what is not UTF-8 */
export function utf8Text(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new ApiError("invalid_request", "The request body is not valid UTF-8.");
  return bytes.toString("utf8");
}

/**
 * Gathers a body, counting while it arrives: a declared length is only a claim.
 * @throws ApiError request_too_large, or invalid_request when the client stops in its middle
 */
export async function readChunks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const read: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of chunks) {
      length += chunk.byteLength;
      if (length > maxBytes) throw bodyTooLarge(maxBytes);
      read.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw bodyBrokenOff(cause);
  }
  return joined(read);
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
