import { runCronJob } from "#lib/jobs/cron";
import { retention } from "#lib/jobs/retention";

export const dynamic = "force-dynamic";
export const maxDuration = 60;

/** For Vercel cron and any scheduler; self-hosted, the process does the same by itself. */
export function GET(request: Request): Promise<Response> {
  return runCronJob(request, retention);
}
