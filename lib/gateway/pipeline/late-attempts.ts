import type { PicoUsd } from "#lib/credit/money";
import { within } from "./within";

/** An attempt that was given up as late, and is read on for what its provider reports to bill. */
export type LateAttempt = {
  /** What it is charged unless its report comes. */
  readonly chargedPicoUsd: PicoUsd;
  /** What it is charged by its report; null before that. */
  exactPicoUsd: PicoUsd | null;
  /** Resolves with its report, or when there is none. Never rejects. */
  done: Promise<void>;
  /** Ends the reading. */
  cut: () => void;
};

/** No client waits longer for the end of an answer since an earlier attempt is still read. */
const SETTLED_WITHIN_MS = 1_000;

/** How soon an attempt whose reading was ended is estimated. */
const CUT_WITHIN_MS = 100;

/** Waits for the reports of late attempts for a moment, and ends those. @returns by how much less they bill */
export async function overchargedBy(late: readonly LateAttempt[]): Promise<PicoUsd> {
  await within(SETTLED_WITHIN_MS, allReported(late));
  for (const { cut } of late) cut();
  await within(CUT_WITHIN_MS, allReported(late));
  let over = 0n;
  for (const { chargedPicoUsd, exactPicoUsd } of late)
    over += chargedPicoUsd - (exactPicoUsd ?? chargedPicoUsd);
  return over;
}

/** Resolves when each has reported, or cannot any more. */
export const allReported = (late: readonly LateAttempt[]): Promise<unknown> =>
  Promise.all(late.map(({ done }) => done));
