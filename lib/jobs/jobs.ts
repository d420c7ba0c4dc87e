import { dailyExpirySync } from "./expiry-sync";
import { forgetIdempotencyKeys } from "./forget-idempotency-keys";
import { forgetRejections } from "./forget-rejections";
import { forgetSignInFailures } from "./forget-sign-in-failures";
import { noteBudgetEvents } from "./note-budget-events";
import { dailyRetention } from "./retention";
import type { Job } from "./scheduler";
import { sweepHolds } from "./sweep-holds";

/** What every self-hosted process does besides answering; on Vercel the cron routes do the same. */
export const jobs: readonly Job[] = [
  { name: "sweep-holds", everyMs: 20_000, run: sweepHolds },
  { name: "budget-events", everyMs: 20_000, run: noteBudgetEvents },
  { name: "expiry-sync", everyMs: 600_000, run: () => dailyExpirySync() },
  { name: "forget-idempotency-keys", everyMs: 3_600_000, run: forgetIdempotencyKeys },
  { name: "forget-rejections", everyMs: 3_600_000, run: forgetRejections },
  { name: "forget-sign-in-failures", everyMs: 3_600_000, run: forgetSignInFailures },
  { name: "retention", everyMs: 3_600_000, run: () => dailyRetention() },
];
