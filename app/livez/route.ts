import { probeResponse } from "#lib/services/health/probe-response";
import { liveness } from "#lib/services/health/probes";

export const dynamic = "force-dynamic";

/** Liveness, for deployments without `server.ts`. */
export function GET(): Response {
  const { status, body } = liveness();
  return probeResponse(status, body);
}
