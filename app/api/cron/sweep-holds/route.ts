import { checkBudgets } from "#lib/jobs/check-budgets";
import { cronRoute } from "#lib/jobs/cron";
import { rollUp } from "#lib/jobs/roll-up";
import { sweepHolds } from "#lib/jobs/sweep-holds";

export const dynamic = "force-dynamic";

/** Beside the other jobs, within the time limit of a function on Vercel. */
const PATIENCE_MS = 20_000;

/** For Vercel cron and other schedulers; a self-hosted process runs the same job on its own timer. */
export const GET = cronRoute(async () => ({
  ...(await sweepHolds()),
  ...(await checkBudgets()),
  ...(await rollUp(PATIENCE_MS)),
}));
