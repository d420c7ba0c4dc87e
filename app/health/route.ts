import { actorOfRequest } from "#lib/admin-api/handler";
import { probeResponse } from "#lib/services/health/probe-response";
import { readHealth } from "#lib/services/health/read-health";

export const dynamic = "force-dynamic";

/** `/health`: 503 when requests cannot be served; details only for administrators. */
export async function GET(request: Request): Promise<Response> {
  const { health, serving } = await readHealth(() => actorOfRequest(request));
  return probeResponse(serving ? 200 : 503, health);
}
