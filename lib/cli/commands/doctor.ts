import { text } from "node:stream/consumers";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { adminClient } from "#lib/cli/api/client";
import type { Cli } from "#lib/cli/cli";
import { type Check, failed } from "#lib/cli/doctor/check";
import { checkKey } from "#lib/cli/doctor/check-key";
import { checkRouting } from "#lib/cli/doctor/check-routing";
import { checkHealth, checkServer } from "#lib/cli/doctor/check-server";
import { CliError, EXIT } from "#lib/cli/failure";
import { counted } from "#lib/cli/output/format";
import { print, printJson } from "#lib/cli/output/show";
import { tableLines } from "#lib/cli/output/table";
import { adminTokenIfAny, apiKeyIfAny } from "#lib/cli/profile/connection";

/** `tollgate doctor` */
export function addDoctorCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("doctor")
    .description("check the database, Redis, providers, models and a key, and say what to do")
    .option("--key <key>", 'a key that does not work as it should; "-" reads it from stdin')
    .addHelpText("after", "\nExample:\n  $ npx tollgate doctor --key tg_live_…")
    .action(async ({ key }) => {
      const url = cli.url();
      const checks = await checkServer(url);
      if (checks.every(({ state }) => state === "ok")) checks.push(...(await checkInside(cli, url, key)));
      report(cli, checks);
    });
}

async function checkInside(cli: Cli, url: string, given: string | undefined): Promise<Check[]> {
  const token = adminTokenIfAny(url, cli.globals(), cli.io.env);
  const admin = token === null ? null : adminClient(url, token);
  const key =
    given === "-"
      ? (await text(cli.io.input.stream)).replace(/\r?\n$/, "")
      : (given ?? apiKeyIfAny(url, cli.globals(), cli.io.env));
  return [
    ...(token === null ? [NO_TOKEN] : await checkHealth(url, token)),
    ...(admin === null ? [] : await checkRouting(admin)),
    ...(key === null ? [] : await checkKey(url, key, admin)),
  ];
}

const NO_TOKEN = failed(
  "token",
  "no admin token, so the database, Redis and providers are not checked",
  "npx tollgate login --url URL --token TOKEN, or pass --token",
);

function report(cli: Cli, checks: readonly Check[]): void {
  const count = checks.filter(({ state }) => state === "failed").length;
  if (cli.globals().json) printJson(cli, { ok: count === 0, checks });
  else {
    const columns = [
      { title: "", value: ({ state }: Check) => state },
      { title: "CHECK", value: ({ name }: Check) => name },
      { title: "FOUND", value: ({ detail }: Check) => detail, mayShrink: true },
    ];
    print(cli, ...tableLines(columns, checks, cli.io.out));
    for (const { name, fix } of checks) if (fix !== undefined) print(cli, "", `${name}:`, `  ${fix}`);
  }
  if (count > 0) throw new CliError(`${counted(count, "check")} failed.`, EXIT.failed);
}
