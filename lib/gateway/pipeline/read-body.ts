import { bodyCostWatch } from "#lib/dialects/text/json-cost";
import type { GatewayRequest } from "#lib/gateway/ports/exchange";
import { ApiError } from "#lib/http/api-error";
import { type CountBytes, utf8Text } from "#lib/http/read-body";

/** To join and decode a body takes 1.5 ms for each megabyte, so a larger one is judged while it arrives. */
const QUICKLY_JOINED_BYTES = 4 * 1024 * 1024;

/**
 * Reads a request's body as text.
 * @throws ApiError request_too_large, request_timeout, unsupported_media_type for a compressed body,
 * invalid_request for one that is truncated, not UTF-8 or costly to parse, or what `count` throws
 */
export async function readBodyText(
  request: GatewayRequest,
  maxBytes: number,
  count: CountBytes,
): Promise<string> {
  const encoding = request.header("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") {
    throw new ApiError(
      "unsupported_media_type",
      "Compressed request bodies are not supported: send the body without a content-encoding.",
      {
        headers: { "accept-encoding": "identity" },
      },
    );
  }
  const bytes = Number(request.header("content-length") ?? Number.POSITIVE_INFINITY);
  const isQuick = bytes <= QUICKLY_JOINED_BYTES;
  return utf8Text(await request.readBody(maxBytes, isQuick ? count : judged(count)));
}

/** Also rejects what would be costly to parse, by the part that has arrived. */
function judged(count: CountBytes): CountBytes {
  const watch = bodyCostWatch();
  return (bytes, part) => {
    count(bytes, part);
    if (part !== undefined) watch(part);
  };
}
