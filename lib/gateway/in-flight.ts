import "server-only";
import type { Progress } from "#lib/credit/instance";
import { costPicoUsd } from "#lib/credit/price";
import { type Admission, SWEEP_MARGIN_TOKENS } from "./admit";
import { estimatedUsage } from "./estimate";

type Flight = { admission: Admission; outputTokens: () => number };

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
