import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { importKeys, type Outcome } from "#lib/cli/import/import-keys";
import { importLiteLlm } from "#lib/cli/import/litellm/import-litellm";
import { readConfig } from "#lib/cli/import/litellm/read-config";
import { readKeys } from "#lib/cli/import/litellm/read-keys";
import { readYaml } from "#lib/cli/import/litellm/read-yaml";
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

/** `tollgate import keys.json`, and `tollgate import config.yaml --from litellm` */
export function addImportCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("import")
    .description("import what another gateway has from its files; clients keep their keys")
    .argument(
      "<file>",
      'JSON: {"virtual_keys": {"<key>": {"provider": "openai", "api_key": "sk-…"}}}, or with --from',
    )
    .addOption(
      new Option(
        "--from <gateway>",
        "whose file it is, instead of a file of keys: LiteLLM's config.yaml",
      ).choices(["litellm"]),
    )
    .option("--keys <file>", "with --from: the export of its key table, as JSON or CSV")
    .option("--team <id>", "with --keys: only the keys of this team")
    .option(
      "--org <org>",
      'the organization that gets the keys: name or id (default: the file\'s "organization")',
    )
    .option("--dry-run", "show what would be created, and create nothing")
    .addHelpText(
      "after",
      '\nCreates one provider for each distinct provider and api_key, and binds each key to its provider. Its\nclients may then use every model that the provider lists and the catalogue prices; no model needs to be created.\nAn entry may have "base_url", "settings", "credentials" (instead of "api_key") and a "name".\n\nWith --from litellm, creates the providers and models of model_list, and keys with their models, budgets and limits\nfrom the SHA-256 digests in --keys. Variables (os.environ/NAME) are read from this environment. What cannot be moved\nis listed with its reason.\n\nImporting again creates only what is missing.\n\nExamples:\n  $ npx tollgate import keys.json --org Acme --dry-run\n  $ npx tollgate import config.yaml --from litellm --keys keys.csv --org Acme',
    )
    .action(async (file, { from, keys, team, org, dryRun = false }) => {
      if (from === undefined && keys !== undefined) throw wrongUsage("--keys goes with --from litellm.");
      if (keys === undefined && team !== undefined) throw wrongUsage("--team goes with --keys.");
      const outcomes =
        from === undefined
          ? await fromKeyFile(cli, file, org, dryRun)
          : await fromLiteLlm(cli, { config: file, keys, team, org }, dryRun);
      report(cli, outcomes, dryRun);
      if (outcomes.some(({ outcome }) => outcome === "failed")) {
        throw new CliError("Some entries could not be imported.", EXIT.failed, {
          hint: "Fix the failed entries and import again: existing ones are skipped.",
        });
      }
    });
}

async function fromKeyFile(cli: Cli, path: string, org: string | undefined, dryRun: boolean) {
  const { keys, organization: named } = readKeyFile(path);
  const name = org ?? named;
  if (name === null) throw wrongUsage("Pass --org ORG: the organization that gets the keys.");
  const admin = cli.admin();
  const organization = await organizationLookup.find(admin, name);
  return importKeys(admin, keys, { organization, dryRun });
}

type LiteLlmFiles = { config: string } & Record<"keys" | "team" | "org", string | undefined>;

/** Reads both files before the first request. */
async function fromLiteLlm(
  cli: Cli,
  { config: path, keys: keysPath, team, org }: LiteLlmFiles,
  dryRun: boolean,
) {
  if ((keysPath === undefined) !== (org === undefined))
    throw wrongUsage("Pass --keys FILE and --org ORG, the organization that gets the keys, together.");
  const config = readConfig(await readYaml(readTextFile(path), path), path, cli.io.env.named);
  const keys = keysPath === undefined ? null : readKeys(readTextFile(keysPath), keysPath, new Date(), team);
  const admin = cli.admin();
  if (keys === null || org === undefined) return importLiteLlm(admin, config, null, { dryRun });
  const organization = await organizationLookup.find(admin, org);
  return importLiteLlm(admin, config, { keys, organization }, { dryRun });
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
  const words = ({ outcome }: Outcome) =>
    outcome === "made" ? created : outcome === "left" ? "left out" : outcome;
  if (outcomes.length === 0) {
    remark(cli, "The file has nothing to import.");
    return;
  }
  const shown = columns.map((column) => (column.title === "OUTCOME" ? { ...column, value: words } : column));
  print(cli, ...tableLines(shown, outcomes, cli.io.out));
  const count = (outcome: Outcome["outcome"]) => outcomes.filter((row) => row.outcome === outcome).length;
  print(
    cli,
    "",
    `${counted(outcomes.length, "entry", "entries")}: ${count("made")} ${created}, ${count("skipped")} skipped, ${count("failed")} failed${count("left") > 0 ? `, ${count("left")} left out` : ""}.`,
  );
  if (dryRun || !outcomes.some(({ kind, outcome }) => kind === "key" && outcome === "made")) return;
  const isBound = !outcomes.some(({ kind }) => kind === "model");
  const which = isBound ? ", for every model that their provider lists and the catalogue prices" : "";
  remark(cli, `Clients may use the keys now${which}.`);
}
