import "server-only";
import { utf8Text } from "#lib/http/read-body";
import type { GatewayRequest } from "./exchange";

/**
 * Reads a request's body as text.
 * @throws ApiError request_too_large, or invalid_request for one that is cut short or not UTF-8
 */
export async function readBodyText(request: GatewayRequest, maxBytes: number): Promise<string> {
  return utf8Text(await request.readBody(maxBytes));
}
