import { cronRoute } from "#lib/jobs/cron";
import { retention } from "#lib/jobs/retention";

export const dynamic = "force-dynamic";
export const maxDuration = 60;

/** For Vercel cron and other schedulers; a self-hosted process runs the same job on its own timer. */
export const GET = cronRoute(retention);
