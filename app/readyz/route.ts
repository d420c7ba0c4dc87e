import { probeResponse } from "#lib/services/health/probe-response";
import { canServe } from "#lib/services/health/read-health";

export const dynamic = "force-dynamic";

/** Whether a load balancer may send requests here: 503 in a drain, and while the database is away unless some requests go on without it. */
export async function GET(): Promise<Response> {
  return (await canServe())
    ? probeResponse(200, { status: "ready" })
    : probeResponse(503, { status: "unavailable" });
}
