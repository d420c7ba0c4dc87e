import { actorOfRequest } from "#lib/admin-api/handler";
import { probeResponse } from "#lib/services/health/probe-response";
import { readHealth } from "#lib/services/health/read-health";

export const dynamic = "force-dynamic";

/** The contract's `/health`: 503 where requests cannot be served, details for administrators only. */
export async function GET(request: Request): Promise<Response> {
  const { health, serving } = await readHealth(() => actorOfRequest(request));
  return probeResponse(serving ? 200 : 503, health);
}
