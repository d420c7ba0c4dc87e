import { type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { reconcileBooks } from "#lib/cli/reconcile/books";
import { type Decimal, parseDecimal } from "#lib/cli/reconcile/decimal";
import { reconcileProvider } from "#lib/cli/reconcile/provider";

/** `tollgate reconcile` */
export function addReconcileCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("reconcile")
    .description(
      "check counters and usage against the ledger, or compare the ledger with a provider's usage export",
    )
    .option("--from <day>", "the first day to check, in UTC; by default, newest days that take seconds")
    .option("--to <day>", "the day after the last one")
    .option("--provider-export <file>", "a provider's usage as CSV, compared by day and model")
    .option("--provider <name>", "the provider of the export")
    .option("--tolerance <percent>", "the allowed difference, like 0.5", percentValue)
    .addHelpText(
      "after",
      `
Without a file, recomputes the counters and usage reports from the ledger, as of one moment. A month from its first day on
has the counters of its budgets.
With a file, finds its columns by name: day or date, model, input_tokens, output_tokens, cost or cost_usd, and those of
OpenAI's and Anthropic's exports. Columns that the file lacks are not compared. Days are UTC.
Exits with 1 if anything differs.

Example:
  $ npx tollgate reconcile --provider-export usage.csv --provider openai --tolerance 0.5`,
    )
    .action(async ({ providerExport: file, provider, tolerance, from, to }) => {
      if (file === undefined) {
        if (provider !== undefined || tolerance !== undefined) {
          throw wrongUsage("--provider and --tolerance need --provider-export FILE.");
        }
        await reconcileBooks(cli, { from, to });
        return;
      }
      if (from !== undefined || to !== undefined) {
        throw wrongUsage("--provider-export has days of its own: leave out --from and --to.");
      }
      if (provider === undefined) throw wrongUsage("--provider-export needs --provider NAME.");
      await reconcileProvider(cli, { file, provider, tolerancePercent: tolerance ?? 0n });
    });
}

function percentValue(text: string): Decimal {
  const percent = parseDecimal(text.replace(/%$/, ""));
  if (percent === null || percent < 0n) throw new InvalidArgumentError("Must be a percentage, like 0.5.");
  return percent;
}
