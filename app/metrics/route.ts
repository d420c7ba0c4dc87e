import { answerMetrics } from "#lib/admin-api/monitor";

export const dynamic = "force-dynamic";

/** `/metrics`: for METRICS_TOKEN and administrators. */
export function GET(request: Request): Promise<Response> {
  return answerMetrics(request);
}
