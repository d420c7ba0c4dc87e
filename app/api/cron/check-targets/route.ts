import { checkTargetsNow } from "#lib/jobs/check-targets";
import { cronRoute } from "#lib/jobs/cron";

/** A provider that does not answer takes twice ten seconds. */
export const maxDuration = 60;
export const dynamic = "force-dynamic";

/** For Vercel cron and other schedulers; self-hosted processes take turns with the same job. */
export const GET = cronRoute(() => checkTargetsNow());
