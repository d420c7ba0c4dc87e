import { Option } from "@commander-js/extra-typings";
import { type Provider, ProviderModels, ProviderTest } from "#lib/cli/api/answers";
import { wrongUsage } from "#lib/cli/failure";
import { jsonValue } from "#lib/cli/options/values";
import { day, minute } from "#lib/cli/output/format";
import { print } from "#lib/cli/output/show";
import { findPreset, PROVIDER_PRESETS, placeholdersIn } from "#lib/providers/presets";
import { PROVIDER_TYPE_NAMES } from "#lib/providers/registry";
import type { createProvider } from "#lib/services/providers/create-provider";
import type { InputOf } from "#lib/services/verb";
import { actionWith, remove, update } from "./commands/change";
import { create } from "./commands/create";
import { list } from "./commands/list";
import { get, listOf } from "./commands/read";
import { enabledField } from "./enabled";
import { type Field, fieldsOf, type Given, textOf } from "./field";
import { providerLookup } from "./lookups";
import { pricesField } from "./prices-of";
import { credentialsField } from "./provider-credentials";
import { defineResource } from "./resource";

const { field } = fieldsOf<InputOf<typeof createProvider>>();

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

function pricesIn({ settings }: Provider): string | undefined {
  const name: unknown = settings?.prices_of;
  return typeof name === "string" ? name : undefined;
}

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

/** After the settings that it is one of. */
const pricesOfPreset: Field = {
  ...pricesField,
  toRequest: (given, context) => {
    const settings = Object.assign({}, presetIn(given)?.settings, given.settings);
    return pricesField.toRequest({ ...given, settings }, context);
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
    ["credentials", provider.has_credentials === false ? "none" : "kept, and never shown"],
    ["prices of", pricesIn(provider)],
    ["enabled", provider.enabled === false ? "no" : "yes"],
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
        pricesOfPreset,
      ],
      examples: [
        "npx tollgate provider create openai --type openai --api-key - < openai.key",
        "npx tollgate provider create --preset groq --api-key - < groq.key",
        "npx tollgate provider create openai --type openai --api-key - < several-keys.txt",
        "npx tollgate provider create azure --type azure-openai --base-url https://RESOURCE.openai.azure.com --credentials - < entra.json",
        `npx tollgate provider create bedrock --type bedrock --credentials - --settings '{"region": "us-east-1"}' < keys.json`,
        `npx tollgate provider create vertex --type vertex --service-account key.json --settings '{"project": "my-project", "location": "global"}'`,
        "npx tollgate provider create pretend --type simulated",
      ],
      next: ({ name }) => `npx tollgate model create MODEL --provider ${name}`,
    }),
    list({ empty: "No providers yet. Create one:  npx tollgate provider create --preset groq --api-key -" }),
    get(),
    update("update a provider; settings that are not given stay as they are", [
      field("base_url", baseUrlOption),
      credentialsField,
      field("settings", settingsOption),
      pricesField,
      enabledField("send requests to it again", "send no requests to it"),
    ]),
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
