import "server-only";
import type { Job } from "./scheduler";
import { sweepHolds } from "./sweep-holds";

/** What every self-hosted process does besides answering; on Vercel the cron routes do the same. */
export const jobs: readonly Job[] = [{ name: "sweep-holds", everyMs: 20_000, run: sweepHolds }];
