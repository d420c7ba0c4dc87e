import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { Adjustment, type Identified } from "#lib/cli/api/answers";
import { wrongUsage } from "#lib/cli/failure";
import { usdValue } from "#lib/cli/options/values";
import { usd } from "#lib/cli/output/format";
import { print, show } from "#lib/cli/output/show";
import { textOf } from "#lib/cli/resources/field";
import type { ResourceCommand } from "#lib/cli/resources/resource";
import { addCommand, findRow } from "./add-command";

const reasonOption = new Option("--reason <reason>", "why, for the ledger").default("credit");

/** `credit ID 20`: gives the budget of a row money back, as for a payment or a refund. */
export function credit<Row extends Identified>(
  scopeField: "organization_id" | "user_id" | "api_key_id",
): ResourceCommand<Row> {
  return (group, cli, resource) => {
    const { command, named, label, within } = resource;
    addCommand(group, {
      name: "credit",
      aliases: ["refund"],
      description: "add to what is left of a budget in its current period, by an adjustment in the ledger",
      arguments: [
        { flags: `<${command}>`, description: named },
        { flags: "<usd>", description: "how much, in US dollars" },
      ],
      options: [reasonOption, ...(within?.options ?? [])],
      examples: [`npx tollgate ${command} credit ID 20 --reason "Invoice 17"`],
      run: async (given, reference = "", amount = "") => {
        const amountUsd = usdOf(amount);
        const admin = cli.admin();
        const row = await findRow(cli, resource, admin, reference, given);
        const body = {
          scope: { [scopeField]: row.id },
          amount_usd: `-${amountUsd}`,
          reason: textOf(given, reasonOption) ?? "credit",
        };
        show(cli, await admin.post("/adjustments", Adjustment, body), ({ budget }) => {
          const balance = budget
            ? `The balance is ${usd(budget.remaining_usd)}.`
            : "There is no budget, so nothing limits what may be spent.";
          print(cli, `Credited ${usd(amountUsd)} to ${label(row)}. ${balance}`);
        });
      },
    });
  };
}

/** @throws CliError "usage" */
function usdOf(text: string): string {
  try {
    return usdValue(text);
  } catch (error) {
    throw error instanceof InvalidArgumentError ? wrongUsage(`${error.message} Not "${text}".`) : error;
  }
}
