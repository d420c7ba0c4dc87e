import { checkBudgets } from "./check-budgets";
import { CHECK_EVERY_MS, checkTargetsInTurn } from "./check-targets";
import { deleteEvents } from "./delete-events";
import { deleteIdempotencyKeys } from "./delete-idempotency-keys";
import { deleteRejections } from "./delete-rejections";
import { deleteSessions } from "./delete-sessions";
import { deleteSignInFailures } from "./delete-sign-in-failures";
import { deliver } from "./deliver";
import { dailyExpirySync } from "./expiry-sync";
import { dailyPriceRefresh } from "./price-refresh";
import { dailyRetention } from "./retention";
import { rollUp } from "./roll-up";
import type { Job } from "./scheduler";
import { sweepHolds } from "./sweep-holds";

/** The scheduled jobs of every self-hosted process. On Vercel the cron routes run them. */
export const jobs: readonly Job[] = [
  { name: "sweep-holds", everyMs: 20_000, run: sweepHolds },
  { name: "roll-up", everyMs: 2_000, run: rollUp },
  { name: "budget-events", everyMs: 20_000, run: checkBudgets },
  { name: "deliver", everyMs: 5_000, run: () => deliver() },
  { name: "check-targets", everyMs: CHECK_EVERY_MS, run: () => checkTargetsInTurn() },
  { name: "expiry-sync", everyMs: 600_000, run: () => dailyExpirySync() },
  { name: "delete-events", everyMs: 3_600_000, run: deleteEvents },
  { name: "delete-idempotency-keys", everyMs: 3_600_000, run: deleteIdempotencyKeys },
  { name: "delete-rejections", everyMs: 3_600_000, run: deleteRejections },
  { name: "delete-sessions", everyMs: 3_600_000, run: deleteSessions },
  { name: "delete-sign-in-failures", everyMs: 3_600_000, run: deleteSignInFailures },
  { name: "prices", everyMs: 3_600_000, run: () => dailyPriceRefresh() },
  { name: "retention", everyMs: 600_000, run: () => dailyRetention() },
];
