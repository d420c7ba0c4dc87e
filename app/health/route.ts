import { actorOfRequest } from "#lib/admin-api/handler";
import { isMonitor } from "#lib/admin-api/monitor";
import { probeResponse } from "#lib/services/health/probe-response";
import { readHealth } from "#lib/services/health/read-health";

export const dynamic = "force-dynamic";

/** `/health`: 503 when requests cannot be served; details only for administrators and METRICS_TOKEN. */
export async function GET(request: Request): Promise<Response> {
  const viewer = isMonitor(request) ? "monitor" : () => actorOfRequest(request);
  const { health, serving } = await readHealth(viewer);
  return probeResponse(serving ? 200 : 503, health);
}
