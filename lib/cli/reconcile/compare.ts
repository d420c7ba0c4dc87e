import type { providerUsage } from "#lib/services/reconcile/provider-usage";
import type { OutputOf } from "#lib/services/verb";
import { absolute, type Decimal, ofWhole, parseDecimal } from "./decimal";
import { type ExportedUsage, FIGURES, type Figure } from "./provider-export";

/** A provider's day and model in the ledger. */
type LedgerUsage = OutputOf<typeof providerUsage>["data"][number];

export type ComparedFigure = { figure: Figure; ledger: Decimal; provider: Decimal; differs: boolean };

/** A day and model on both sides, with the figures that the provider's file has. */
export type Compared = {
  day: string;
  model: string;
  requests: number;
  estimatedRequests: number;
  figures: ComparedFigure[];
};

/** The date in the name of a model snapshot: `-2025-08-07` or `-20250807`. */
const SNAPSHOT = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;

/**
 * Joins both sides by day and model; a side without usage counts as zero. A short model name matches the
 * snapshot that the provider billed, if there is only one.
 * @param tolerancePercent the allowed difference, in percent of the provider's figure
 */
export function compare(
  exported: readonly ExportedUsage[],
  ledger: readonly LedgerUsage[],
  tolerancePercent: Decimal,
): Compared[] {
  const models = new Set(exported.map(({ model }) => model));
  const figures = FIGURES.filter((figure) => exported.some((usage) => usage.figures.has(figure)));
  const rows = new Map<string, Compared>();
  const rowOf = (day: string, model: string): Compared => {
    const slot = `${day} ${model}`;
    const row = rows.get(slot) ?? {
      day,
      model,
      requests: 0,
      estimatedRequests: 0,
      figures: figures.map((figure) => ({ figure, ledger: 0n, provider: 0n, differs: false })),
    };
    rows.set(slot, row);
    return row;
  };
  for (const usage of exported) {
    for (const each of rowOf(usage.day, usage.model).figures) {
      each.provider += usage.figures.get(each.figure) ?? 0n;
    }
  }
  for (const usage of ledger) {
    const row = rowOf(usage.day, billedName(usage.model, models));
    row.requests += usage.requests;
    row.estimatedRequests += usage.estimated_requests;
    for (const each of row.figures) each.ledger += figureOf(usage, each.figure);
  }
  for (const row of rows.values()) {
    for (const each of row.figures) each.differs = isBeyond(each, tolerancePercent);
  }
  return [...rows.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function billedName(model: string, exported: ReadonlySet<string>): string {
  if (exported.has(model)) return model;
  const snapshots = [...exported].filter((name) => name.replace(SNAPSHOT, "") === model);
  return snapshots.length === 1 && snapshots[0] !== undefined ? snapshots[0] : model;
}

const figureOf = (usage: LedgerUsage, figure: Figure): Decimal =>
  figure === "cost_usd" ? (parseDecimal(usage.cost_usd) ?? 0n) : ofWhole(usage[figure]);

const isBeyond = ({ ledger, provider }: ComparedFigure, percent: Decimal) =>
  absolute(ledger - provider) * ofWhole(100) > absolute(provider) * percent;

const sortKey = ({ day, model }: Compared) => `${day} ${model}`;
