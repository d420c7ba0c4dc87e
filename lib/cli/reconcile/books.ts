import { Reconciliation } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT } from "#lib/cli/failure";
import { counted, minute, usd } from "#lib/cli/output/format";
import { print, remark, show } from "#lib/cli/output/show";
import { type Column, tableLines } from "#lib/cli/output/table";
import type { CounterDifference } from "#lib/services/reconcile/counter-differences";
import type { UsageDifference } from "#lib/services/reconcile/usage-differences";

/** The server may read the whole ledger. */
const TIMEOUT_MS = 10 * 60_000;

/** One figure that differs from the ledger. */
type Line = { what: string; id: string; when: string; figure: string; recorded: string; ledger: string };

const columns: readonly Column<Line>[] = [
  { title: "WHERE", value: (line) => line.what, mayShrink: true },
  { title: "ID", value: (line) => line.id },
  { title: "WHEN", value: (line) => line.when },
  { title: "FIGURE", value: (line) => line.figure },
  { title: "RECORDED", value: (line) => line.recorded, align: "right" },
  { title: "LEDGER", value: (line) => line.ledger, align: "right" },
];

/** UTC days; the last one exclusive. */
type Days = { from?: string | undefined; to?: string | undefined };

/**
 * Asks the server to recompute its counters and reports from the ledger, and prints what differs.
 * @throws CliError when anything differs
 */
export async function reconcileBooks(cli: Cli, days: Days = {}): Promise<void> {
  const answer = await cli.admin().get("/reconciliation", Reconciliation, days, TIMEOUT_MS);
  const { differences, counters, usage, rollups, from, to } = answer.value;
  const period = `${from ? ` from ${from} on` : ""}${to ? ` until ${to}` : ""}`;
  const checked = `${counted(counters.checked, "counter")} and ${counted(usage.checked, "hour")} of usage`;
  show(cli, answer, () => {
    if (differences === 0) print(cli, `The books agree: ${checked} match the ledger${period}.`);
    else
      print(
        cli,
        ...tableLines(
          columns,
          [...counters.data.flatMap(ofCounter), ...usage.data.flatMap(ofUsage)],
          cli.io.out,
        ),
      );
  });
  if (differences === 0) return;
  const shown = counters.data.length + usage.data.length;
  const listed = differences - (rollups?.different ?? 0);
  if (shown < listed) remark(cli, `Showing the first ${shown} of ${listed}.`);
  if (listed < differences)
    remark(cli, `${counted(differences - listed, "sum")} of the rollups differ from their parts.`);
  throw new CliError(
    `The books do not agree: of ${checked}, ${differences} differ from the ledger.`,
    EXIT.failed,
  );
}

function ofCounter(row: CounterDifference): Line[] {
  const place = {
    what: row.scope === null ? "a deleted counter" : `${row.scope.type}'s counter`,
    id: row.scope?.id ?? "",
    when: [row.period, row.period_start?.slice(0, 10)].filter(Boolean).join(" of "),
  };
  const { counter, ledger } = row;
  return differing(place, [
    ["spent", usd(counter.spent_usd), usd(ledger.spent_usd)],
    ["held", usd(counter.held_usd), usd(ledger.held_usd)],
    ["open holds", String(counter.open_holds), String(ledger.open_holds)],
  ]);
}

function ofUsage(row: UsageDifference): Line[] {
  const place = {
    what: `usage of ${row.model} at ${row.provider ?? "no provider"}`,
    id: row.organization_id,
    when: minute(row.hour) ?? "",
  };
  const { rollup, ledger } = row;
  const counts = (["requests", "errors", "input_tokens", "output_tokens", "cached_tokens"] as const).map(
    (name) => [name.replace("_", " "), String(rollup[name]), String(ledger[name])] as const,
  );
  return differing(place, [...counts, ["cost", usd(rollup.cost_usd), usd(ledger.cost_usd)]]);
}

const differing = (
  place: Pick<Line, "what" | "id" | "when">,
  figures: readonly (readonly [string, string | null, string | null])[],
): Line[] =>
  figures.flatMap(([figure, recorded, ledger]) =>
    recorded === ledger ? [] : [{ ...place, figure, recorded: recorded ?? "", ledger: ledger ?? "" }],
  );
