import "server-only";
import { ApiError } from "#lib/http/api-error";
import type { GatewayRequest } from "./exchange";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a request's body as text.
 * @throws ApiError request_too_large, or invalid_request for one that is cut short or not UTF-8
 */
export async function readBodyText(request: GatewayRequest, maxBytes: number): Promise<string> {
  const bytes = await request.readBody(maxBytes);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new ApiError("invalid_request", "The request body is not valid UTF-8.");
  }
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
    throw new ApiError("invalid_request", "The request body broke off before its end.", { cause });
  }
  return Buffer.concat(read, length);
}

export function bodyTooLarge(maxBytes: number): ApiError {
  return new ApiError("request_too_large", `The request body is larger than ${maxBytes} bytes.`, {
    headers: { connection: "close" },
  });
}
