import { readStanding } from "#lib/auth/standing";
import { type GatewayAnswer, type GatewayRequest, jsonAnswer } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerInfo, UNKNOWN_CALLER } from "#lib/gateway/rejections/caller-info";
import { rejected } from "#lib/gateway/rejections/rejected";
import { ApiError } from "#lib/http/api-error";
import { authenticate, readCredentials } from "./authenticate";
import { rateStateHeaders } from "./rate-limit";
import type { Trace } from "./trace";

/**
 * `GET /v1/me`: who the calling key is, and what it may still spend.
 * @throws Rejected
 */
export async function aboutMe(
  gateway: Gateway,
  request: GatewayRequest,
  trace: Trace,
): Promise<GatewayAnswer> {
  let known = UNKNOWN_CALLER;
  try {
    const presented = { credentials: readCredentials(request), origin: request };
    const caller = await authenticate(gateway, presented, { fresh: true });
    known = callerInfo(caller, null);
    trace.callerInfo = known;
    const headers = await rateStateHeaders(gateway, caller);
    const standing = await readStanding(gateway.sql, caller);
    if (standing === null) throw new ApiError("invalid_api_key", "The key was deleted just now.");
    return jsonAnswer(standing, headers);
  } catch (error) {
    throw rejected(error, { callerInfo: known });
  }
}
