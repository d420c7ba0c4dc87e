import { runCronJob } from "#lib/jobs/cron";
import { expirySync } from "#lib/jobs/expiry-sync";

export const dynamic = "force-dynamic";

/** For Vercel cron and any scheduler; self-hosted, the process does the same by itself. */
export function GET(request: Request): Promise<Response> {
  return runCronJob(request, () => expirySync());
}
