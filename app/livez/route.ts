import { probeResponse } from "#lib/services/health/probe-response";

export const dynamic = "force-dynamic";

/** The process answers; nothing else is asked, since restarting it would mend nothing else. */
export function GET(): Response {
  return probeResponse(200, { status: "alive" });
}
