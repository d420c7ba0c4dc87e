import { Option } from "@commander-js/extra-typings";
import type { Model } from "#lib/cli/api/answers";
import { wrongUsage } from "#lib/cli/failure";
import { collected, usdValue, wholeNumber } from "#lib/cli/options/values";
import { shellWord } from "#lib/cli/output/format";
import type { createModel } from "#lib/services/models/create-model";
import type { InputOf } from "#lib/services/verb";
import { remove } from "./commands/change";
import { create } from "./commands/create";
import { list } from "./commands/list";
import { explain } from "./explain";
import { type Field, fieldsOf, type Given, textOf } from "./field";
import { modelLookup, providerLookup } from "./lookups";
import { defineResource } from "./resource";
import { type GivenTarget, targetValues } from "./target-option";

const { field } = fieldsOf<InputOf<typeof createModel>>();

const providerOption = new Option("--provider <provider>", "the provider that serves it: name or id");
const upstreamModelOption = new Option("--upstream-model <name>", "the provider's name for it, if different");
const targetOption = new Option(
  "--target <target>",
  "one of several providers, with the name there and settings if needed: openai/gpt-5,weight=3,timeout_ms=5000; may be repeated",
).argParser(targetValues);
const targetField: Field = {
  options: [providerOption, upstreamModelOption, targetOption],
  toRequest: async (given, { admin, name }) => {
    const targets: object[] = [];
    for (const { provider, upstreamModel, ...choice } of targetsIn(given)) {
      const { id } = await providerLookup.find(admin, provider);
      targets.push({ provider_id: id, upstream_model: upstreamModel ?? name, ...choice });
    }
    return { targets };
  },
};

/** That of `--provider`, then those of `--target`. */
function targetsIn(given: Given): GivenTarget[] {
  const provider = textOf(given, providerOption);
  const first = { provider: provider ?? "", upstreamModel: textOf(given, upstreamModelOption) ?? null };
  const others = given[targetOption.attributeName()];
  return [...(provider === undefined ? [] : [first]), ...(Array.isArray(others) ? others : [])];
}

const priceField: Field = {
  options: [
    new Option("--input-price <usd>", "per million input tokens (default: the price catalogue)").argParser(
      usdValue,
    ),
    new Option("--output-price <usd>", "per million output tokens").argParser(usdValue),
  ],
  toRequest: ({ inputPrice, outputPrice }) =>
    inputPrice === undefined ? {} : { price: { input_per_mtok: inputPrice, output_per_mtok: outputPrice } },
};

/** `tollgate model …` */
export const addModels = defineResource<Model>({
  ...modelLookup,
  alias: "models",
  plural: "models",
  summary: "Models: the names that clients use, and which provider serves each",
  named: "name or id",
  label: ({ name, id }) => `the model "${name}" (${id})`,
  columns: [
    { title: "NAME", value: (model) => model.name, mayShrink: true },
    { title: "ID", value: (model) => model.id },
    { title: "SERVED BY", value: targetsText, mayShrink: true },
    { title: "ALIASES", value: (model) => model.aliases?.join(", "), mayShrink: true, mayGo: true },
    { title: "CONTEXT", value: (model) => model.context_window, align: "right", mayGo: true },
    { title: "ENABLED", value: (model) => (model.enabled === false ? "no" : "yes"), mayGo: true },
  ],
  facts: (model) => [
    ["name", model.name],
    ["id", model.id],
    ["served by", targetsText(model)],
    ["strategy", model.targets.length > 1 ? model.strategy : undefined],
    ["aliases", model.aliases?.join(", ")],
    ["context window", model.context_window],
    ["max output tokens", model.max_output_tokens],
    ["unsupported fields", model.drop_unsupported ? "dropped" : "rejected"],
  ],
  commands: [
    create({
      description: "create a model that a provider serves",
      nameDescription: "the name that clients use",
      fields: [
        targetField,
        field(
          "strategy",
          new Option(
            "--strategy <strategy>",
            "how targets are ordered: priority (the default), round_robin, weighted, least_latency or cheapest",
          ),
        ),
        field(
          "aliases",
          new Option("--alias <name>", "another name that clients can use; may be repeated").argParser(
            collected,
          ),
        ),
        priceField,
        field(
          "context_window",
          new Option("--context-window <tokens>", "input and output tokens together").argParser(
            wholeNumber(1),
          ),
        ),
        field(
          "max_output_tokens",
          new Option("--max-output-tokens <tokens>", "the most output tokens of one answer").argParser(
            wholeNumber(1),
          ),
        ),
        field(
          "retries",
          new Option(
            "--retries <times>",
            "how often a target that fails is tried again before the next one (default: 1)",
          ).argParser(wholeNumber(0)),
        ),
        field(
          "hedge_after_ms",
          new Option(
            "--hedge-after-ms <milliseconds>",
            "ask the next target as well after so long without content; both are paid for (default: never)",
          ).argParser(wholeNumber(10)),
        ),
        field(
          "drop_unsupported",
          new Option(
            "--drop-unsupported",
            "leave out what would be rejected as unsupported_parameter, instead of rejecting it",
          ),
        ),
      ],
      examples: [
        "npx tollgate model create gpt-5-mini --provider openai",
        "npx tollgate model create chat --strategy weighted --target openai/gpt-5,weight=9 --target azure/gpt-5",
        "npx tollgate model create pretend-1 --provider pretend --input-price 1 --output-price 2",
      ],
      check: (given) => {
        const { inputPrice, outputPrice } = given;
        if (targetsIn(given).length === 0) throw wrongUsage("Pass --provider or --target.");
        if ((inputPrice === undefined) === (outputPrice === undefined)) return;
        throw wrongUsage("Pass --input-price and --output-price together.");
      },
      next: ({ name }) => `npx tollgate chat --model ${shellWord(name)} Hello`,
    }),
    explain,
    list({ empty: "No models yet. Create one:  npx tollgate model create NAME --provider PROVIDER" }),
    remove("delete a model; the ledger keeps its requests"),
  ],
});

function targetsText(model: Model): string {
  return model.targets
    .map(({ provider_name: name, provider_id: id, upstream_model: upstream }) =>
      upstream === model.name ? (name ?? id) : `${name ?? id} as ${upstream}`,
    )
    .join(", ");
}
