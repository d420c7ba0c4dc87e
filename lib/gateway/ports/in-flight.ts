import type { Progress } from "#lib/credit/ledger/instance";
import { costPicoUsd } from "#lib/credit/prices/price";
import { type Admission, SWEEP_MARGIN_TOKENS } from "#lib/gateway/pipeline/admit";
import type { Departure } from "#lib/gateway/pipeline/client-disconnect";
import { estimatedUsage } from "#lib/gateway/sizing/estimate";

type Flight = { admission: Admission; departure: Departure; outputTokens: () => number };

/** The requests of this process that are held and not settled yet, by id. */
export type InFlight = Map<string, Flight>;

/**
 * What a sweep should charge for each request that is old enough for it to matter, were this
 * process to die now: its input, its progress and a margin.
 */
export function progressOf(inFlight: InFlight, olderThanMs: number): Progress[] {
  const now = performance.now();
  const due: Progress[] = [];
  for (const [id, { admission, outputTokens }] of inFlight) {
    if (now - admission.receivedAtMs < olderThanMs) continue;
    const tokens = outputTokens() + SWEEP_MARGIN_TOKENS;
    const usage = estimatedUsage(admission.inputTokenEstimate, tokens);
    const ifSweptPicoUsd = costPicoUsd(usage, admission.routes[0].rates);
    due.push({ id, ifSweptPicoUsd, ifSweptOutputTokens: tokens });
  }
  return due;
}

/** How many of them have no client any more: a drain waits for these too. */
export function leftBehind(inFlight: InFlight): number {
  let count = 0;
  for (const { departure } of inFlight.values()) if (departure.hasLeft()) count += 1;
  return count;
}
