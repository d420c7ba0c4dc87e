import { probeResponse } from "#lib/services/health/probe-response";
import { liveness } from "#lib/services/health/probes";

export const dynamic = "force-dynamic";

/** For where Next answers everything: the process answers. */
export function GET(): Response {
  const { status, body } = liveness();
  return probeResponse(status, body);
}
