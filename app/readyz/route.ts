import { probeResponse } from "#lib/services/health/probe-response";
import { readiness } from "#lib/services/health/probes";

export const dynamic = "force-dynamic";

/** Readiness, for deployments without `server.ts`: 503 while draining, or without a database unless fail-open callers exist. */
export async function GET(): Promise<Response> {
  const { status, body } = await readiness();
  return probeResponse(status, body);
}
