import { probeResponse } from "#lib/services/health/probe-response";
import { readiness } from "#lib/services/health/probes";

export const dynamic = "force-dynamic";

/** For where Next answers everything: 503 in a drain, and while the database is away unless some requests go on without it. */
export async function GET(): Promise<Response> {
  const { status, body } = await readiness();
  return probeResponse(status, body);
}
