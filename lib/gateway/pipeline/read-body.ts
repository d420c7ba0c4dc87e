import type { GatewayRequest } from "#lib/gateway/ports/exchange";
import { ApiError } from "#lib/http/api-error";
import { type CountBytes, utf8Text } from "#lib/http/read-body";

/**
 * Reads a request's body as text.
 * @throws ApiError request_too_large, request_timeout, unsupported_media_type for a compressed body,
 * invalid_request for one that is truncated or not UTF-8, or what `count` throws
 */
export async function readBodyText(
  request: GatewayRequest,
  maxBytes: number,
  count: CountBytes,
): Promise<string> {
  const encoding = request.header("content-encoding");
  if (encoding !== null && !/^\s*(?:identity)?\s*$/i.test(encoding)) {
    throw new ApiError(
      "unsupported_media_type",
      "Compressed request bodies are not supported: send the body without a content-encoding.",
      {
        headers: { "accept-encoding": "identity" },
      },
    );
  }
  return utf8Text(await request.readBody(maxBytes, count));
}
