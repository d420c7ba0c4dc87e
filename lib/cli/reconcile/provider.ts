import { ProviderUsage } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { counted, usd } from "#lib/cli/output/format";
import { print, printJson, remark } from "#lib/cli/output/show";
import { type Column, tableLines } from "#lib/cli/output/table";
import { type Compared, type ComparedFigure, compare } from "./compare";
import { type Decimal, formatDecimal } from "./decimal";
import { readProviderExport } from "./provider-export";

const TIMEOUT_MS = 10 * 60_000;
const DAY_MS = 86_400_000;

type Line = Pick<Compared, "day" | "model"> & ComparedFigure;

const amount = ({ figure }: Line, value: Decimal) =>
  figure === "cost_usd" ? usd(formatDecimal(value)) : formatDecimal(value);

const columns: readonly Column<Line>[] = [
  { title: "DAY", value: (line) => line.day },
  { title: "MODEL", value: (line) => line.model, mayShrink: true },
  { title: "FIGURE", value: (line) => NAMES[line.figure] },
  { title: "LEDGER", value: (line) => amount(line, line.ledger), align: "right" },
  { title: "PROVIDER", value: (line) => amount(line, line.provider), align: "right" },
  { title: "DIFFERENCE", value: (line) => amount(line, line.ledger - line.provider), align: "right" },
];
const NAMES = { input_tokens: "input tokens", output_tokens: "output tokens", cost_usd: "cost" } as const;

/**
 * Compares a provider's export with the ledger by day and model, and prints what differs.
 * @throws CliError when anything differs or the file is invalid
 */
export async function reconcileProvider(
  cli: Cli,
  asked: { file: string; provider: string; tolerancePercent: Decimal },
): Promise<void> {
  const { file, provider, tolerancePercent } = asked;
  const exported = readProviderExport(file);
  const days = exported.map(({ day }) => day).sort();
  const [from, last] = [days.at(0), days.at(-1)];
  if (from === undefined || last === undefined) throw wrongUsage(`${file} contains no usage.`);
  const to = new Date(Date.parse(last) + DAY_MS).toISOString().slice(0, 10);
  const query = { provider, from, to };
  const { value } = await cli.admin().get("/reconciliation/provider-usage", ProviderUsage, query, TIMEOUT_MS);
  const compared = compare(exported, value.data, tolerancePercent);
  const different = compared.filter((row) => row.figures.some(({ differs }) => differs));
  if (cli.globals().json) {
    printJson(cli, { ...query, different: different.length, data: compared.map(toJson) });
  } else report(cli, asked, compared, different, value.data.length === 0);
  if (different.length === 0) return;
  throw new CliError(
    `The ledger and the provider differ on ${different.length} of ${counted(compared.length, "day and model", "days and models")}.`,
    EXIT.failed,
  );
}

function report(
  cli: Cli,
  { provider }: { provider: string },
  compared: readonly Compared[],
  different: readonly Compared[],
  isUnknown: boolean,
): void {
  if (isUnknown) remark(cli, `The ledger has no requests to a provider named "${provider}" on these days.`);
  if (different.length === 0) {
    print(
      cli,
      `The ledger and the provider agree on ${counted(compared.length, "day and model", "days and models")}.`,
    );
    return;
  }
  const lines = different.flatMap(({ day, model, figures }) =>
    figures.filter(({ differs }) => differs).map((figure) => ({ day, model, ...figure })),
  );
  print(cli, ...tableLines(columns, lines, cli.io.out));
  const estimated = different.reduce((sum, row) => sum + row.estimatedRequests, 0);
  if (estimated === 0) return;
  remark(
    cli,
    "",
    `${counted(estimated, "request")} in these rows had no usage reported by the provider, so the ledger has an estimate.`,
  );
}

const toJson = (row: Compared) => ({
  day: row.day,
  model: row.model,
  requests: row.requests,
  estimated_requests: row.estimatedRequests,
  differs: row.figures.some(({ differs }) => differs),
  ...Object.fromEntries(
    row.figures.map(({ figure, ledger, provider }) => [
      figure,
      {
        ledger: formatDecimal(ledger),
        provider: formatDecimal(provider),
        difference: formatDecimal(ledger - provider),
      },
    ]),
  ),
});
