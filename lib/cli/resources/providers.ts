import { text } from "node:stream/consumers";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type Provider, ProviderModels, ProviderTest } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { jsonValue } from "#lib/cli/options/values";
import { day, minute } from "#lib/cli/output/format";
import { print } from "#lib/cli/output/show";
import { readTextFile } from "#lib/cli/read-text-file";
import { findPreset, PROVIDER_PRESETS, placeholdersIn } from "#lib/providers/presets";
import { PROVIDER_TYPE_NAMES } from "#lib/providers/registry";
import type { createProvider } from "#lib/services/providers/create-provider";
import type { InputOf } from "#lib/services/verb";
import { actionWith, remove } from "./commands/change";
import { create } from "./commands/create";
import { list } from "./commands/list";
import { listOf } from "./commands/read";
import { type Field, fieldsOf, type Given, textOf } from "./field";
import { providerLookup } from "./lookups";
import { defineResource } from "./resource";

const { field } = fieldsOf<InputOf<typeof createProvider>>();

const STDIN = "-";

const apiKeyOption = new Option("--api-key <key>", 'its API key; "-" reads it from stdin');
const credentialsOption = new Option(
  "--credentials <json>",
  'other credentials, as the Admin API takes them; "-" reads them from stdin',
).argParser((text) => (text === STDIN ? text : jsonValue(text)));
const serviceAccountOption = new Option(
  "--service-account <file>",
  "the JSON key file of a Google service account",
);

const credentialsField: Field = {
  options: [apiKeyOption, credentialsOption, serviceAccountOption],
  toRequest: async (given, { cli }) => {
    const keyFile = textOf(given, serviceAccountOption);
    if (keyFile !== undefined) return { credentials: { service_account: jsonIn(keyFile) } };
    const apiKey = textOf(given, apiKeyOption);
    if (apiKey === STDIN && given.credentials === STDIN)
      throw wrongUsage("Only one of --api-key and --credentials can be read from stdin.");
    const credentials = given.credentials === STDIN ? await credentialsFromStdin(cli) : given.credentials;
    if (apiKey === undefined) return credentials === undefined ? {} : { credentials };
    const key = apiKey === STDIN ? await keyFromStdin(cli) : apiKey;
    return { credentials: Object.assign({}, credentials, { api_key: key }) };
  },
};

const presetNames = PROVIDER_PRESETS.map(({ name }) => name);
const presetOption = new Option(
  "--preset <name>",
  "a provider whose base URL and settings are known",
).choices(presetNames);
const typeOption = new Option("--type <type>", "the kind of API").choices(PROVIDER_TYPE_NAMES);
const baseUrlOption = new Option(
  "--base-url <url>",
  "its base URL with the version segment; required if the type has no default",
);
const settingsOption = new Option(
  "--settings <json>",
  "settings of the type, as the Admin API takes them",
).argParser(jsonValue);

const presetIn = (given: Given) => findPreset(textOf(given, presetOption) ?? "");

/** What a preset says; options that are given take precedence. */
const presetField: Field = {
  options: [presetOption],
  toRequest: (given) => {
    const preset = presetIn(given);
    if (preset === undefined) return {};
    const { settings } = given;
    return {
      type: preset.type,
      base_url: textOf(given, baseUrlOption) ?? preset.baseUrl,
      settings: Object.assign({}, preset.settings, settings),
    };
  },
};

function checkCreate(given: Given): void {
  const preset = presetIn(given);
  const type = textOf(given, typeOption);
  if (preset === undefined) {
    if (type === undefined) throw wrongUsage("Pass --preset, or --type.", "--help lists both.");
    return;
  }
  if (type !== undefined) throw wrongUsage("Pass either --preset or --type: a preset has a type.");
  const missing = placeholdersIn(preset.baseUrl);
  if (textOf(given, baseUrlOption) === undefined && missing.length > 0) {
    throw wrongUsage(
      `The preset ${preset.name} needs --base-url, with ${missing.join(" and ")} replaced by your own:`,
      `--base-url ${preset.baseUrl}`,
    );
  }
}

/** `tollgate provider …` */
export const addProviders = defineResource<Provider>({
  ...providerLookup,
  alias: "providers",
  plural: "providers",
  summary: "Providers: the services that run models, with our credentials for them",
  named: "name or id",
  label: ({ name, id }) => `the provider "${name}" (${id})`,
  columns: [
    { title: "NAME", value: (provider) => provider.name },
    { title: "ID", value: (provider) => provider.id },
    { title: "TYPE", value: (provider) => provider.type },
    { title: "URL", value: (provider) => provider.base_url, mayShrink: true, mayGo: true },
    { title: "ENABLED", value: (provider) => (provider.enabled === false ? "no" : "yes"), mayGo: true },
    { title: "CREATED", value: (provider) => day(provider.created_at), mayGo: true },
  ],
  facts: (provider) => [
    ["name", provider.name],
    ["id", provider.id],
    ["type", provider.type],
    ["url", provider.base_url],
    ["created", minute(provider.created_at)],
  ],
  commands: [
    create({
      description: "create a provider; its credentials are never shown again",
      nameDescription: "its name: lowercase letters, digits, dots and dashes; default: the preset's",
      defaultName: (given) => presetIn(given)?.name,
      check: checkCreate,
      fields: [
        field("type", typeOption),
        field("base_url", baseUrlOption),
        credentialsField,
        field("settings", settingsOption),
        presetField,
      ],
      examples: [
        "npx tollgate provider create openai --type openai --api-key - < openai.key",
        "npx tollgate provider create --preset groq --api-key - < groq.key",
        "npx tollgate provider create azure --type azure-openai --base-url https://RESOURCE.openai.azure.com --credentials - < entra.json",
        `npx tollgate provider create bedrock --type bedrock --credentials - --settings '{"region": "us-east-1"}' < keys.json`,
        `npx tollgate provider create vertex --type vertex --service-account key.json --settings '{"project": "my-project", "location": "global"}'`,
        "npx tollgate provider create pretend --type simulated",
      ],
      next: ({ name }) => `npx tollgate model create MODEL --provider ${name}`,
    }),
    list({ empty: "No providers yet. Create one:  npx tollgate provider create --preset groq --api-key -" }),
    actionWith({
      name: "test",
      description: "check that a provider can be reached with its credentials; exits with 1 if not",
      item: ProviderTest,
      print: (cli, { healthy, latency_ms: latencyMs }, { name }) => {
        if (!healthy) return;
        print(
          cli,
          `${name} works${latencyMs == null ? "" : `: it answered in ${Math.round(latencyMs)} ms`}.`,
        );
      },
      problem: ({ healthy, error }, { name }) =>
        healthy ? undefined : `${name} does not work: ${error ?? "no reason given"}`,
    }),
    listOf({
      name: "models",
      description: "list the models that a provider offers",
      list: ProviderModels,
      columns: [
        { title: "MODEL", value: ({ id }) => id },
        { title: "NAME", value: ({ name }) => name, mayShrink: true, mayGo: true },
        { title: "CONTEXT", value: (model) => model.context_window, align: "right" },
        { title: "MAX OUTPUT", value: (model) => model.max_output_tokens, align: "right" },
      ],
      empty: "The provider offers no models.",
    }),
    remove("delete a provider that no model uses"),
  ],
});

async function keyFromStdin(cli: Cli): Promise<string> {
  const key = await fromStdin(cli, "the API key");
  if (key === "") throw wrongUsage("--api-key -: stdin is empty. Pipe the API key in.");
  return key;
}

async function credentialsFromStdin(cli: Cli): Promise<Record<string, unknown>> {
  try {
    return jsonValue(await fromStdin(cli, "the credentials as JSON"));
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw wrongUsage(`--credentials -: ${error.message}`);
  }
}

function jsonIn(path: string): Record<string, unknown> {
  try {
    return jsonValue(readTextFile(path));
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw wrongUsage(`${path} is no key file: it must be a JSON object.`);
  }
}

async function fromStdin({ io }: Cli, what: string): Promise<string> {
  if (io.input.isTerminal) io.err.write(`Enter ${what}, then press Enter and Ctrl-D: `);
  return (await text(io.input.stream)).trim();
}
