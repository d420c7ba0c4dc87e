import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { importKeys, type Outcome } from "#lib/cli/import/import-keys";
import { counted } from "#lib/cli/output/format";
import { print, printJson, remark } from "#lib/cli/output/show";
import { type Column, tableLines } from "#lib/cli/output/table";
import { readTextFile } from "#lib/cli/read-text-file";
import { organizationLookup } from "#lib/cli/resources/lookups";
import { type FileOfKeys, KeyFileError, parseKeyFile } from "#lib/services/key-file/key-file";

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
    .option(
      "--org <org>",
      'the organization that gets the keys: name or id (default: the file\'s "organization")',
    )
    .option("--dry-run", "show what would be created, and create nothing")
    .addHelpText(
      "after",
      '\nCreates one provider for each distinct provider and api_key, and binds each key to its provider. Its\nclients may then use every model that the provider lists and the catalogue prices; no model needs to be created.\nAn entry may have "base_url", "settings", "credentials" (instead of "api_key") and a "name". Importing again creates\nonly what is missing.\n\nExample:\n  $ npx tollgate import keys.json --org Acme --dry-run',
    )
    .action(async (file, { org, dryRun = false }) => {
      const { keys, organization: named } = readKeyFile(file);
      const name = org ?? named;
      if (name === null) throw wrongUsage("Pass --org ORG: the organization that gets the keys.");
      const admin = cli.admin();
      const organization = await organizationLookup.find(admin, name);
      const outcomes = await importKeys(admin, keys, { organization, dryRun });
      report(cli, outcomes, dryRun);
      if (outcomes.some(({ outcome }) => outcome === "failed")) {
        throw new CliError("Some entries could not be imported.", EXIT.failed, {
          hint: "Fix the failed entries and import again: existing ones are skipped.",
        });
      }
    });
}

/** @throws CliError "usage" that names every invalid entry */
function readKeyFile(path: string): FileOfKeys {
  try {
    return parseKeyFile(readTextFile(path), path);
  } catch (error) {
    throw error instanceof KeyFileError ? wrongUsage(error.message) : error;
  }
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
  if (dryRun || count("made") === 0) return;
  remark(
    cli,
    "Clients may use the keys now, for every model that their provider lists and the catalogue prices.",
  );
}
