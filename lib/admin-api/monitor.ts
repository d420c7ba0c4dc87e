import type { TokenActor } from "#lib/auth/actor";
import { sameSecret } from "#lib/auth/same-secret";
import { config } from "#lib/config/config";
import { uuidv7 } from "#lib/credit/request-id";
import { ApiError, errorResponse } from "#lib/http/api-error";
import { log } from "#lib/observability/log";
import { contextOf } from "#lib/services/context";
import { readMetrics } from "#lib/services/metrics/read-metrics";
import { apiErrorOf } from "./api-error-of";
import { ADMIN_API_PATH } from "./find-operation";
import { handleForAdministrators } from "./handler";

/** The bearer of METRICS_TOKEN: it reads figures of the installation, and no names of people. */
const MONITOR: TokenActor = {
  kind: "token",
  id: "metrics_token",
  name: "METRICS_TOKEN",
  role: "admin",
  organizationId: null,
};

/** Whether a request has METRICS_TOKEN as its bearer. Needs no database. */
export function isMonitor(request: Request, token = config().METRICS_TOKEN): boolean {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  return token !== undefined && bearer !== undefined && sameSecret(bearer, token);
}

/** `GET /metrics`: those of the installation, for administrators; without the names of users for METRICS_TOKEN. */
export async function answerMetrics(request: Request): Promise<Response> {
  const requestId = uuidv7();
  if (!/\bapplication\/json\b/.test(request.headers.get("accept") ?? "")) {
    const message = "Send 'accept: application/json': no other format is served yet.";
    return errorResponse(new ApiError("invalid_request", message, { param: "accept" }), requestId);
  }
  if (!isMonitor(request)) {
    const url = new URL(`${ADMIN_API_PATH}/metrics`, request.url);
    return handleForAdministrators(new Request(url, { headers: request.headers }));
  }
  try {
    const metrics = await readMetrics(contextOf(MONITOR, request.headers));
    const { top_users: _byCost, top_users_by_requests: _byRequests, ...figures } = metrics;
    return Response.json(figures, { headers: { "cache-control": "no-store", "x-request-id": requestId } });
  } catch (error) {
    const known = apiErrorOf(error);
    if (known === null) log.error({ err: error, request_id: requestId }, "metrics could not be read");
    const unknown = new ApiError("internal_error", "The metrics could not be read. See the server's log.");
    return errorResponse(known ?? unknown, requestId);
  }
}
