import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT } from "#lib/cli/failure";
import { importKeys, type Outcome } from "#lib/cli/import/import-keys";
import { readKeyFile } from "#lib/cli/import/key-file";
import { counted } from "#lib/cli/output/format";
import { print, printJson, remark } from "#lib/cli/output/show";
import { type Column, tableLines } from "#lib/cli/output/table";
import { organizationLookup } from "#lib/cli/resources/lookups";

const columns: readonly Column<Outcome>[] = [
  { title: "KIND", value: ({ kind }) => kind },
  { title: "NAME", value: ({ name }) => name },
  { title: "OUTCOME", value: ({ outcome }) => outcome },
  { title: "", value: ({ detail }) => detail ?? " ", mayShrink: true },
];

/** `tollgate import keys.json` */
export function addImportCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("import")
    .description("import virtual keys from a file; clients keep their keys")
    .argument("<file>", 'JSON: {"virtual_keys": {"<key>": {"provider": "openai", "api_key": "sk-…"}}}')
    .requiredOption("--org <org>", "the organization that gets the keys: name or id")
    .option("--dry-run", "show what would be created, and create nothing")
    .addHelpText(
      "after",
      '\nCreates one provider for each distinct provider and api_key, and binds each key to its provider. Set\n"base_url" in an entry for types that have no default address. Importing again creates only what is missing.\n\nExample:\n  $ npx tollgate import keys.json --org Acme --dry-run',
    )
    .action(async (file, { org, dryRun = false }) => {
      const keys = readKeyFile(file);
      const admin = cli.admin();
      const organization = await organizationLookup.find(admin, org);
      const outcomes = await importKeys(admin, keys, { organization, dryRun });
      report(cli, outcomes, dryRun);
      if (outcomes.some(({ outcome }) => outcome === "failed")) {
        throw new CliError("Some entries could not be imported.", EXIT.failed, {
          hint: "Fix the failed entries and import again: existing ones are skipped.",
        });
      }
    });
}

function report(cli: Cli, outcomes: readonly Outcome[], dryRun: boolean): void {
  if (cli.globals().json) {
    printJson(cli, { dry_run: dryRun, data: outcomes });
    return;
  }
  const created = dryRun ? "would be created" : "created";
  const words = (row: Outcome) => (row.outcome === "made" ? created : row.outcome);
  if (outcomes.length === 0) {
    remark(cli, "The file has no keys.");
    return;
  }
  const shown = columns.map((column) => (column.title === "OUTCOME" ? { ...column, value: words } : column));
  print(cli, ...tableLines(shown, outcomes, cli.io.out));
  const count = (outcome: Outcome["outcome"]) => outcomes.filter((row) => row.outcome === outcome).length;
  print(
    cli,
    "",
    `${counted(outcomes.length, "entry", "entries")}: ${count("made")} ${created}, ${count("skipped")} skipped, ${count("failed")} failed.`,
  );
  const provider = outcomes.find(({ kind, outcome }) => kind === "provider" && outcome === "made");
  if (dryRun || provider === undefined) return;
  remark(
    cli,
    `Create a model to use the new provider:  npx tollgate model create MODEL --provider ${provider.name}`,
  );
}
