import { checkBudgets } from "#lib/jobs/check-budgets";
import { cronRoute } from "#lib/jobs/cron";
import { rollUp } from "#lib/jobs/roll-up";
import { sweepHolds } from "#lib/jobs/sweep-holds";

export const dynamic = "force-dynamic";

/** For Vercel cron and other schedulers; a self-hosted process runs the same job on its own timer. */
export const GET = cronRoute(async () => ({
  ...(await sweepHolds()),
  ...(await checkBudgets()),
  ...(await rollUp()),
}));
