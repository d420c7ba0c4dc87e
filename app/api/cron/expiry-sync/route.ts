import { cronRoute } from "#lib/jobs/cron";
import { expirySync } from "#lib/jobs/expiry-sync";

export const dynamic = "force-dynamic";

/** For Vercel cron and other schedulers; a self-hosted process runs the same job on its own timer. */
export const GET = cronRoute(() => expirySync());
