import { readStanding, type Standing } from "#lib/auth/standing";
import { type GatewayAnswer, type GatewayRequest, jsonAnswer } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerInfo, UNKNOWN_CALLER } from "#lib/gateway/rejections/caller-info";
import { rejected } from "#lib/gateway/rejections/rejected";
import { ApiError } from "#lib/http/api-error";
import { effectiveRates } from "#lib/limits/window";
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
    return jsonAnswer({ ...standing, rate_limits: withDefaults(gateway, standing) }, headers);
  } catch (error) {
    throw rejected(error, { callerInfo: known });
  }
}

/** The installation's limits bind the key, or the app, as if they were its own. */
function withDefaults(
  { limiter }: Gateway,
  { api_key, rate_limits }: Pick<Standing, "api_key" | "rate_limits">,
): Standing["rate_limits"] {
  const scope = api_key === null ? "app" : "api_key";
  const own = rate_limits[scope] ?? {};
  const rates = { ...own, ...effectiveRates(scope, own, limiter.defaults) };
  return Object.keys(rates).length === 0 ? rate_limits : { ...rate_limits, [scope]: rates };
}
