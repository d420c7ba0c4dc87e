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
    .description("recompute every counter from the ledger, or compare it with a provider's bill")
    .option("--provider-export <file>", "a provider's usage as CSV, to be compared by day and model")
    .option("--provider <name>", "whose export it is")
    .option("--tolerance <percent>", "how far a figure may be off, like 0.5", percentValue)
    .addHelpText(
      "after",
      `
Without a file: what the counters and the usage reports say is recomputed from the ledger, as of one moment.
With a file: its columns are found by their names: day or date, model, input_tokens, output_tokens, cost or cost_usd, and
those of OpenAI's and Anthropic's own exports. What it does not have is not compared. Days are UTC.
Exits with 1 where anything differs.

Example:
  $ npx tollgate reconcile --provider-export usage.csv --provider openai --tolerance 0.5`,
    )
    .action(async ({ providerExport: file, provider, tolerance }) => {
      if (file === undefined) {
        if (provider !== undefined || tolerance !== undefined) {
          throw wrongUsage("--provider and --tolerance go with --provider-export FILE.");
        }
        await reconcileBooks(cli);
        return;
      }
      if (provider === undefined) throw wrongUsage("Say whose export it is: --provider NAME.");
      await reconcileProvider(cli, { file, provider, tolerancePercent: tolerance ?? 0n });
    });
}

function percentValue(text: string): Decimal {
  const percent = parseDecimal(text.replace(/%$/, ""));
  if (percent === null || percent < 0n) throw new InvalidArgumentError("Give a percentage, like 0.5.");
  return percent;
}
