import { sql } from "drizzle-orm";
import { QUARTER_MS, type ReportWindow, splitWindow } from "./report-window";
import { hasWholeHours } from "./time-zone";
import { isTime, needsDetail, type UsageQuestion } from "./usage-question";

/** What the ledger's state says of how far back sums are complete. */
export type KeptRow = Record<"kept_ms" | "detailed_ms" | "rolled_up_ms", string | null>;

/** The columns of it, of the ledger's state as `kept`. */
export const KEPT = sql.raw(
  ["kept", "detailed", "rolled_up"]
    .map((name) => `extract(epoch from kept.${name}_from) * 1000 as ${name}_ms`)
    .join(", "),
);

/** From when on the sums are complete, if not from the start. */
export function completeFrom(
  kept: KeptRow | undefined,
  window: ReportWindow,
  question: UsageQuestion,
): Date | null {
  const keptFrom = new Date(Number(kept?.kept_ms ?? 0));
  const detailedFrom = new Date(Number(kept?.detailed_ms ?? 0));
  const rolledUpFrom = new Date(Number(kept?.rolled_up_ms ?? 0));
  if (rolledUpFrom > keptFrom && window.from < rolledUpFrom && window.to > keptFrom) return rolledUpFrom;
  const lacksRest = splitWindow(window, [QUARTER_MS], false).rest.some(({ from }) => from < keptFrom);
  const lacksDetail =
    window.from < detailedFrom && (needsDetail(question) || !isByHour(window, question, detailedFrom));
  if (lacksRest) return keptFrom;
  return lacksDetail ? detailedFrom : null;
}

/** Whether hours of UTC answer the question, until a time. */
function isByHour({ from, to }: ReportWindow, { groups, timeZone }: UsageQuestion, until: Date): boolean {
  const end = to < until ? to : until;
  if (groups.some(isTime) && !hasWholeHours(timeZone, from, end)) return false;
  return [from, end].every((at) => at.getTime() % 3_600_000 === 0);
}
