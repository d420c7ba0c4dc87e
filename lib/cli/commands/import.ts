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
  { title: "WHAT", value: ({ kind }) => kind },
  { title: "NAME", value: ({ name }) => name },
  { title: "OUTCOME", value: ({ outcome }) => outcome },
  { title: "", value: ({ detail }) => detail ?? " ", mayShrink: true },
];

/** `tollgate import keys.json` */
export function addImportCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("import")
    .description("take over virtual keys from a file, as they are: clients keep their keys")
    .argument("<file>", 'JSON: {"virtual_keys": {"<key>": {"provider": "openai", "api_key": "sk-…"}}}')
    .requiredOption("--org <org>", "the organization that they become keys of: name or id")
    .option("--dry-run", "say what would be made, and make nothing")
    .addHelpText(
      "after",
      '\nFor each provider and api_key there is made a provider, where there is none yet, and each key is bound to\nits own. "base_url" in an entry says where the provider is, for types that have no address of their own.\nImporting again makes only what is missing.\n\nExample:\n  $ npx tollgate import keys.json --org Acme --dry-run',
    )
    .action(async (file, { org, dryRun = false }) => {
      const keys = readKeyFile(file);
      const admin = cli.admin();
      const organization = await organizationLookup.find(admin, org);
      const outcomes = await importKeys(admin, keys, { organization, dryRun });
      report(cli, outcomes, dryRun);
      if (outcomes.some(({ outcome }) => outcome === "failed")) {
        throw new CliError("Not everything could be imported.", EXIT.failed, {
          hint: "Mend what failed and import again: what is there already is skipped.",
        });
      }
    });
}

function report(cli: Cli, outcomes: readonly Outcome[], dryRun: boolean): void {
  if (cli.globals().json) {
    printJson(cli, { dry_run: dryRun, data: outcomes });
    return;
  }
  const words = (row: Outcome) => (dryRun && row.outcome === "made" ? "would be made" : row.outcome);
  if (outcomes.length === 0) {
    remark(cli, "The file has no keys.");
    return;
  }
  const shown = columns.map((column) => (column.title === "OUTCOME" ? { ...column, value: words } : column));
  print(cli, ...tableLines(shown, outcomes, cli.io.out));
  const count = (outcome: Outcome["outcome"]) => outcomes.filter((row) => row.outcome === outcome).length;
  const made = dryRun ? `${count("made")} would be made` : `${count("made")} made`;
  print(
    cli,
    "",
    `${counted(outcomes.length, "entry", "entries")}: ${made}, ${count("skipped")} skipped, ${count("failed")} failed.`,
  );
  const provider = outcomes.find(({ kind, outcome }) => kind === "provider" && outcome === "made");
  if (dryRun || provider === undefined) return;
  remark(
    cli,
    `A new provider serves a model once there is one:  npx tollgate model create MODEL --provider ${provider.name}`,
  );
}
