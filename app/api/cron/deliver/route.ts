import { cronRoute } from "#lib/jobs/cron";
import { deliver } from "#lib/jobs/deliver";

export const dynamic = "force-dynamic";

/** For Vercel cron and other schedulers; a self-hosted process runs the same job on its own timer. */
export const GET = cronRoute(() => deliver());
