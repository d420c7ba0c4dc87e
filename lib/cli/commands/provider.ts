import { text } from "node:stream/consumers";
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { Provider, ProviderTest } from "#lib/cli/api/answers";
import { findProvider } from "#lib/cli/api/find";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { nameOption, required, yesOption } from "#lib/cli/options/common";
import { allOption, cursorOption, limitOption } from "#lib/cli/options/list-options";
import { jsonValue } from "#lib/cli/options/values";
import { confirmDeletion } from "#lib/cli/output/confirm";
import { day, minute } from "#lib/cli/output/format";
import { print, remark, show } from "#lib/cli/output/show";
import { showList } from "#lib/cli/output/show-list";
import { type Column, factLines } from "#lib/cli/output/table";

export const PROVIDER_TYPES = [
  "openai",
  "openai-compatible",
  "azure-openai",
  "anthropic",
  "google",
  "vertex",
  "bedrock",
  "simulated",
] as const;

const columns: readonly Column<Provider>[] = [
  { title: "NAME", value: (provider) => provider.name },
  { title: "ID", value: (provider) => provider.id },
  { title: "TYPE", value: (provider) => provider.type },
  { title: "URL", value: (provider) => provider.base_url, mayShrink: true, mayGo: true },
  { title: "ENABLED", value: (provider) => (provider.enabled === false ? "no" : "yes"), mayGo: true },
  { title: "CREATED", value: (provider) => day(provider.created_at), mayGo: true },
];

/** `tollgate provider …` */
export function addProviderCommands(parent: CommandUnknownOpts, cli: Cli): void {
  const provider = parent
    .command("provider")
    .alias("providers")
    .helpCommand(false)
    .description("Providers: where models are served, and with which credentials");

  provider
    .command("create")
    .description("add a provider; its credentials go in and never come out")
    .argument("[name]", "what to call it: small letters, digits, dots, dashes")
    .addOption(nameOption)
    .addOption(new Option("--type <type>", "what it speaks").choices(PROVIDER_TYPES).makeOptionMandatory())
    .option("--base-url <url>", "where it is, with the version segment; needed where the type has none")
    .option("--api-key <key>", 'its API key; "-" reads it from stdin')
    .option("--credentials <json>", "other credentials, as the Admin API takes them", jsonValue)
    .option("--settings <json>", "what the type needs besides, as the Admin API takes it", jsonValue)
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx tollgate provider create openai --type openai --api-key - < openai.key\n  $ npx tollgate provider create pretend --type simulated",
    )
    .action(async (given, { type, baseUrl, settings, ...options }) => {
      const name = required(given, options.name, "name");
      const credentials = await credentialsOf(cli, options.apiKey, options.credentials);
      const body = {
        name,
        type,
        ...(baseUrl && { base_url: baseUrl }),
        ...(credentials && { credentials }),
        ...(settings && { settings }),
      };
      show(cli, await cli.admin().post("/providers", Provider, body), (made) => {
        showProvider(cli, made);
        remark(cli, "", `Next:  npx tollgate model create MODEL --provider ${made.name}`);
      });
    });

  provider
    .command("list")
    .alias("ls")
    .description("list providers, newest first")
    .addOption(limitOption)
    .addOption(cursorOption)
    .addOption(allOption)
    .action((options) => {
      const empty = "There are no providers yet:  npx tollgate provider create NAME --type TYPE";
      return showList(cli, { path: "/providers", item: Provider, columns, empty }, options);
    });

  provider
    .command("test")
    .description("try whether a provider can be reached with its credentials; fails where it cannot")
    .argument("<provider>", "name or id")
    .action(async (reference) => {
      const admin = cli.admin();
      const { id, name } = await findProvider(admin, reference);
      const answer = await admin.post(`/providers/${id}/test`, ProviderTest);
      const { healthy, latency_ms: latencyMs, error } = answer.value;
      show(cli, answer, () => {
        if (healthy)
          print(cli, `${name} answers${latencyMs == null ? "" : `, in ${Math.round(latencyMs)} ms`}.`);
      });
      if (!healthy) throw new CliError(`${name} does not work: ${error ?? "no reason given"}`, EXIT.failed);
    });

  provider
    .command("delete")
    .alias("rm")
    .description("delete a provider that no model uses")
    .argument("<provider>", "name or id")
    .addOption(yesOption)
    .action(async (reference, { yes }) => {
      const admin = cli.admin();
      const { id, name } = await findProvider(admin, reference);
      await confirmDeletion(cli, `the provider "${name}" (${id})`, yes);
      await admin.delete(`/providers/${id}`);
      remark(cli, `Deleted the provider "${name}".`);
    });
}

async function credentialsOf(cli: Cli, apiKey: string | undefined, credentials: object | undefined) {
  if (apiKey === undefined) return credentials;
  if (apiKey !== "-") return { ...credentials, api_key: apiKey };
  if (cli.io.input.isTerminal) cli.io.err.write("The API key, then Enter and Ctrl-D: ");
  const read = (await text(cli.io.input.stream)).trim();
  if (read === "") throw wrongUsage("--api-key -: there is no key on stdin.");
  return { ...credentials, api_key: read };
}

function showProvider(cli: Cli, provider: Provider): void {
  print(
    cli,
    ...factLines(
      [
        ["name", provider.name],
        ["id", provider.id],
        ["type", provider.type],
        ["url", provider.base_url],
        ["created", minute(provider.created_at)],
      ],
      cli.io.out,
    ),
  );
}
