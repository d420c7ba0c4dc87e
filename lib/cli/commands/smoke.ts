import { randomUUID } from "node:crypto";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { adminClient } from "#lib/cli/api/client";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT } from "#lib/cli/failure";
import { counted } from "#lib/cli/output/format";
import { print, printJson, remark } from "#lib/cli/output/show";
import { tableLines } from "#lib/cli/output/table";
import { adminTokenIfAny, apiKey, apiKeyIfAny } from "#lib/cli/profile/connection";
import { type Made, makeThings, readAndCleanUp } from "#lib/cli/smoke/admin-steps";
import { type Outcome, sendProbes } from "#lib/cli/smoke/send-probes";

/** `tollgate smoke` */
export function addSmokeCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("smoke")
    .description("send one small request to each endpoint, then delete what it made")
    .option("--key <key>", "the API key (default: TOLLGATE_API_KEY, the profile's key, else one made for it)")
    .option("-m, --model <model>", "the model to ask for (default: the first one that the key may use)")
    .addHelpText(
      "after",
      "\nWith an admin token it also makes an organization with a user and a key, and deletes them at the end; the ledger keeps\nwhat their requests have cost. A model that an endpoint does not serve is skipped. Exits with 1 if a request fails.\n\nExample:\n  $ npx tollgate smoke --url http://localhost:3000 --key tg_live_…",
    )
    .action(async ({ key, model }) => {
      const url = cli.url();
      const token = adminTokenIfAny(url, cli.globals(), cli.io.env);
      const admin = token === null ? null : adminClient(url, token);
      const made: Made | null = admin === null ? null : await makeThings(admin, randomUUID().slice(0, 8));
      const outcomes: Outcome[] = [...(made?.outcomes ?? [])];
      try {
        // Without any key, this says how to pass one.
        const used =
          key ??
          apiKeyIfAny(url, cli.globals(), cli.io.env) ??
          made?.key ??
          apiKey(url, cli.globals(), cli.io.env);
        outcomes.push(...(await sendProbes({ url, key: used }, model)));
      } finally {
        if (admin !== null && made !== null) outcomes.push(...(await readAndCleanUp(admin, made)));
      }
      report(cli, outcomes);
      if (admin === null) remark(cli, "Pass --token to test the Admin API, too.");
    });
}

function report(cli: Cli, outcomes: readonly Outcome[]): void {
  const failures = outcomes.filter(({ state }) => state === "failed").length;
  if (cli.globals().json) printJson(cli, { ok: failures === 0, data: outcomes });
  else {
    const columns = [
      { title: "", value: ({ state }: Outcome) => state },
      { title: "REQUEST", value: ({ name }: Outcome) => name },
      { title: "", value: ({ detail }: Outcome) => detail, mayShrink: true },
    ];
    print(cli, ...tableLines(columns, outcomes, cli.io.out));
  }
  if (failures > 0) throw new CliError(`${counted(failures, "request")} failed.`, EXIT.failed);
}
