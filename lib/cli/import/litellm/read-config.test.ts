import { expect, test } from "vitest";
import { readConfig } from "./read-config";
import { readYaml } from "./read-yaml";

const VARIABLES: Readonly<Record<string, string>> = { OPENAI_API_KEY: "sk-openai", AZURE_KEY: "azure-key" };
const read = async (yaml: string) =>
  readConfig(await readYaml(yaml, "config.yaml"), "config.yaml", (name) => VARIABLES[name]);

/** A file with these entries of model_list. */
const list = (...entries: readonly object[]) => JSON.stringify({ model_list: entries });
const entry = (model_name: string, litellm_params: object, more: object = {}) => ({
  model_name,
  litellm_params,
  ...more,
});
const reasons = async (...entries: readonly object[]) =>
  (await read(list(...entries))).failed.map(({ name, reason }) => `${name}: ${reason}`);

test("an entry is a model with a target: provider, limits and exact prices", async () => {
  const { models, failed, left } = await read(`
model_list:
  - model_name: fast
    litellm_params:
      model: openai/gpt-5-mini
      api_key: os.environ/OPENAI_API_KEY
      rpm: 60
      tpm: "90000"
      stream_timeout: 2.5
    model_info:
      mode: chat
      input_cost_per_token: 0.00000015
      output_cost_per_token: 6e-7
      cache_read_input_token_cost: 7.5e-8
litellm_settings: { drop_params: true, num_retries: 9 }
`);
  expect({ failed, left }).toEqual({ failed: [], left: [] });
  expect(models).toMatchObject([
    {
      name: "fast",
      strategy: "priority",
      settings: { drop_unsupported: true, retries: 5 },
      targets: [
        {
          provider: { type: "openai", credentials: { api_key: "sk-openai" } },
          fields: {
            upstream_model: "gpt-5-mini",
            requests_per_minute: 60,
            tokens_per_minute: 90_000,
            timeout_ms: 2500,
            price: { input_per_mtok: "0.15", output_per_mtok: "0.6", cache_read_per_mtok: "0.075" },
          },
        },
      ],
    },
  ]);
});

test("entries of one name are targets of one model, by LiteLLM's weights; fallbacks come after them", async () => {
  const { models, left } = await read(`
model_list:
  - &one
    model_name: smart
    litellm_params: { model: azure/gpt5_series/eu, api_base: "https://eu.openai.azure.com", api_key: os.environ/AZURE_KEY, weight: 0.9 }
  - <<: *one
    litellm_params: { model: openai/gpt-5, weight: 0.1 }
  - model_name: own
    litellm_params: { model: hosted_vllm/qwen, api_base: "http://vllm:8000/v1" }
router_settings:
  fallbacks: [{ smart: [own, gone] }]
  model_group_alias: { gpt-4: smart, hidden: { model: own, hidden: true }, lost: gone }
`);
  expect(models).toMatchObject([
    {
      name: "smart",
      aliases: ["gpt-4"],
      strategy: "weighted",
      targets: [
        { provider: { type: "azure-openai" }, fields: { upstream_model: "eu", weight: 1000 } },
        { provider: { type: "openai" }, fields: { upstream_model: "gpt-5", weight: 112 } },
        { provider: { type: "openai-compatible" }, fields: { upstream_model: "qwen", weight: 0 } },
      ],
    },
    { name: "own", aliases: ["hidden"], targets: [{ fields: { upstream_model: "qwen", priority: 0 } }] },
  ]);
  expect(left.map(({ name }) => name)).toEqual(["lost", "smart"]);
});

test("an alias that is a model's name is left out, and both models are moved", async () => {
  const { models, left } = await read(`
model_list:
  - { model_name: fast, litellm_params: { model: openai/gpt-5-mini } }
  - { model_name: smart, litellm_params: { model: openai/gpt-5 } }
router_settings: { model_group_alias: { smart: fast, quick: fast } }
`);
  expect(models).toMatchObject([
    { name: "fast", aliases: ["quick"] },
    { name: "smart", aliases: [] },
  ]);
  expect(left).toEqual([{ name: "smart", reason: expect.stringContaining('the model, and not "fast"') }]);
});

test("an order, or one deployment alone, is a priority", async () => {
  const { models } = await read(
    list(
      entry("a", { model: "openai/second", order: 2 }),
      entry("a", { model: "openai/first", order: 1 }),
      entry("a", { model: "openai/last" }),
    ),
  );
  expect(models[0]?.targets.map(({ fields }) => [fields.upstream_model, fields.priority])).toEqual([
    ["second", 1],
    ["first", 0],
    ["last", 2],
  ]);
});

test("providers are named as the file names them, also where LiteLLM infers or renames them", async () => {
  const { models, failed } = await read(
    list(
      entry("inferred", { model: "gpt-5" }),
      entry("elsewhere", { model: "openai/llama", api_base: "http://own:8000/v1" }),
      entry("routed", { model: "openrouter/openai/gpt-5", api_key: "k" }),
      entry("custom", { model: "mine", custom_llm_provider: "openai_like", api_base: "http://own/v1" }),
      entry("local", { model: "ollama_chat/llama3", api_base: "http://ollama:11434" }),
      entry("aws", {
        model: "bedrock/converse/us.amazon.nova-pro-v1:0",
        api_key: "bearer",
        aws_region_name: "us-east-1",
      }),
    ),
  );
  expect(failed).toEqual([]);
  expect(
    models.map(({ targets: [target] }) => [
      target?.provider.type,
      target?.provider.base_url,
      target?.fields.upstream_model,
    ]),
  ).toEqual([
    ["openai", undefined, "gpt-5"],
    ["openai-compatible", "http://own:8000/v1", "llama"],
    ["openai-compatible", "https://openrouter.ai/api/v1", "openai/gpt-5"],
    ["openai-compatible", "http://own/v1", "mine"],
    ["openai-compatible", "http://ollama:11434/v1", "llama3"],
    ["bedrock", undefined, "us.amazon.nova-pro-v1:0"],
  ]);
  // LiteLLM charges OpenAI's prices there; other servers have their own.
  expect(models.map(({ targets: [target] }) => target?.provider.settings?.prices_of)).toEqual([
    undefined,
    "openai",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  // OpenAI's key, which is in the environment, goes to no other server.
  expect(models[1]?.targets[0]?.provider.credentials).toBeUndefined();
});

test("a variable of the file counts before one of the environment", async () => {
  const { models } = await read(
    JSON.stringify({
      environment_variables: { OPENAI_API_KEY: "of-the-file" },
      model_list: [entry("a", { model: "openai/gpt-5" })],
    }),
  );
  expect(models[0]?.targets[0]?.provider.credentials).toEqual({ api_key: "of-the-file" });
});

test.each<[string, object, string, object?]>([
  ["names a provider that is not known", { model: "telegraph/m" }, 'provider "telegraph" is not known'],
  ["names no provider", { model: "llama" }, "names no provider"],
  ["has no model", {}, "litellm_params.model is missing"],
  ["refers to a missing variable", { model: "openai/m", api_key: "os.environ/GONE" }, "GONE is not set"],
  ["lacks an API key", { model: "groq/m" }, "export GROQ_API_KEY"],
  ["signs in by a role", { model: "bedrock/m", aws_role_name: "r" }, "do not sign in by aws_role_name"],
  ["lacks a base URL", { model: "hosted_vllm/m" }, "Give its api_base"],
  ["has a file of credentials", { model: "vertex_ai/m", vertex_credentials: "/k.json" }, "JSON itself"],
  ["has a limit that is no number", { model: "openai/m", rpm: "many" }, "rpm must be a number"],
  ["is only for one team", { model: "openai/m" }, "only for one team", { team_id: "t" }],
  ["has a price of another kind", { model: "openai/m", input_cost_per_second: 1 }, "input_cost_per_second"],
])("an entry that %s is named with its reason", async (_, params, reason, model_info: object = {}) => {
  const [said, ...others] = await reasons(entry("m", params, { model_info }));
  expect(said).toContain("m: entry 1 of model_list: ");
  expect(said).toContain(reason);
  expect(others).toEqual([]);
});

test("a model of which one entry cannot be moved is not moved in part", async () => {
  const { models, failed } = await read(
    list(
      entry("half", { model: "openai/gpt-5" }),
      entry("half", { model: "telegraph/m" }),
      entry("*", { model: "openai/*" }),
      entry("image", { model: "openai/i" }, { model_info: { mode: "image_generation" } }),
      entry("twice", { model: "openai/x" }),
      entry("twice", { model: "openai/x", rpm: 5 }),
      entry("whole", { model: "openai/y" }),
    ),
  );
  expect(models.map(({ name }) => name)).toEqual(["whole"]);
  expect(failed.map(({ name }) => name)).toEqual(["half", "*", "image", "twice"]);
});

test("access groups have the names of their models, moved or not", async () => {
  const inGroups = (...access_groups: unknown[]) => ({ model_info: { access_groups } });
  const { accessGroups } = await read(
    list(
      entry("a", { model: "openai/a" }, inGroups("beta", "all")),
      entry("a", { model: "openai/b" }, inGroups("beta", 7)),
      entry("b", { model: "telegraph/b" }, inGroups("all")),
    ),
  );
  expect([...accessGroups]).toEqual([
    ["beta", ["a"]],
    ["all", ["a", "b"]],
  ]);
});

test("settings without a counterpart are named, and quote nothing", async () => {
  const { left } = await read(
    JSON.stringify({
      model_list: [entry("a", { model: "openai/m", temperature: 0.1 })],
      general_settings: { master_key: "sk-secret" },
      litellm_settings: { callbacks: ["x"] },
    }),
  );
  expect(left.map(({ name }) => name)).toEqual(["general_settings", "litellm_settings.callbacks", "a"]);
  expect(JSON.stringify(left)).not.toContain("sk-secret");
});

test.each([
  ["a name that is there twice", "model_list: []\nmodel_list: []", "line 2: this name is there twice"],
  ["a tag", "model_list: !!python/object:os.system sk-secret", "line 1: tags"],
  ["something else than YAML", "model_list: [sk-secret", "not valid YAML"],
  ["an alias without anchor", "model_list: *sk-secret", "config.yaml"],
  ["too much", "x".repeat(2_000_001), "too large"],
  ["a nest without end", "[".repeat(100_000), "config.yaml"],
  ["no list of models", "general_settings: {}", "has no model_list"],
  [
    "aliases that multiply",
    [
      "a: &a [x, x, x, x, x, x, x, x, x]",
      ..."bcdefghi"
        .split("")
        .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[at]}`)}]`),
    ].join("\n"),
    "too many aliases",
  ],
  [
    "merges that multiply",
    [
      "a: &a { k: 1 }",
      ..."bcdefghi"
        .split("")
        .map(
          (name, at) =>
            `${name}: &${name} { ${["p", "q", "r", "s", "t", "u", "v"].map((key) => `${key}: { <<: *${"abcdefghi"[at]} }`)} }`,
        ),
    ].join("\n"),
    "too many aliases",
  ],
])("a file with %s is rejected without a quotation", async (_, yaml, message) => {
  const failure = await read(yaml).then(
    () => null,
    (error: Error) => error.message,
  );
  expect(failure).toContain(message);
  expect(failure).not.toContain("sk-secret");
});
