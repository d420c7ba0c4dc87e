import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { Model } from "#lib/cli/api/answers";
import { findModel, findProvider } from "#lib/cli/api/find";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { nameOption, required, yesOption } from "#lib/cli/options/common";
import { allOption, cursorOption, limitOption } from "#lib/cli/options/list-options";
import { collected, usdValue, wholeNumber } from "#lib/cli/options/values";
import { confirmDeletion } from "#lib/cli/output/confirm";
import { shellWord } from "#lib/cli/output/format";
import { print, remark, show } from "#lib/cli/output/show";
import { showList } from "#lib/cli/output/show-list";
import { type Column, factLines } from "#lib/cli/output/table";

const columns: readonly Column<Model>[] = [
  { title: "NAME", value: (model) => model.name, mayShrink: true },
  { title: "ID", value: (model) => model.id },
  { title: "SERVED BY", value: targetsText, mayShrink: true },
  { title: "ALIASES", value: (model) => model.aliases?.join(", "), mayShrink: true, mayGo: true },
  { title: "CONTEXT", value: (model) => model.context_window, align: "right", mayGo: true },
  { title: "ENABLED", value: (model) => (model.enabled === false ? "no" : "yes"), mayGo: true },
];

/** `tollgate model …` */
export function addModelCommands(parent: CommandUnknownOpts, cli: Cli): void {
  const model = parent
    .command("model")
    .alias("models")
    .helpCommand(false)
    .description("Models: what clients ask for, and which provider serves it");

  model
    .command("create")
    .description("offer a model of a provider")
    .argument("[name]", "what clients ask for")
    .addOption(nameOption)
    .requiredOption("--provider <provider>", "who serves it: name or id")
    .option("--upstream-model <name>", "the provider's own name for it, if another")
    .option("--alias <name>", "another name that clients may ask for; may be repeated", collected)
    .option("--input-price <usd>", "per million input tokens; the catalogue's unless given", usdValue)
    .option("--output-price <usd>", "per million output tokens", usdValue)
    .option("--context-window <tokens>", "input and output together", wholeNumber(1))
    .option("--max-output-tokens <tokens>", "the longest answer", wholeNumber(1))
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx tollgate model create gpt-5-mini --provider openai\n  $ npx tollgate model create pretend-1 --provider pretend --input-price 1 --output-price 2",
    )
    .action(async (given, { inputPrice, outputPrice, contextWindow, maxOutputTokens, ...options }) => {
      const name = required(given, options.name, "name");
      if ((inputPrice === undefined) !== (outputPrice === undefined)) {
        throw wrongUsage("--input-price and --output-price belong together.");
      }
      const admin = cli.admin();
      const provider = await findProvider(admin, options.provider);
      const body = {
        name,
        targets: [{ provider_id: provider.id, upstream_model: options.upstreamModel ?? name }],
        ...(options.alias && { aliases: options.alias }),
        ...(inputPrice && { price: { input_per_mtok: inputPrice, output_per_mtok: outputPrice } }),
        ...(contextWindow && { context_window: contextWindow }),
        ...(maxOutputTokens && { max_output_tokens: maxOutputTokens }),
      };
      show(cli, await admin.post("/models", Model, body), (made) => {
        showModel(cli, made);
        remark(cli, "", `Next:  npx tollgate chat --model ${shellWord(made.name)} Hello`);
      });
    });

  model
    .command("list")
    .alias("ls")
    .description("list models, newest first")
    .addOption(limitOption)
    .addOption(cursorOption)
    .addOption(allOption)
    .action((options) => {
      const empty = "There are no models yet:  npx tollgate model create NAME --provider PROVIDER";
      return showList(cli, { path: "/models", item: Model, columns, empty }, options);
    });

  model
    .command("delete")
    .alias("rm")
    .description("offer a model no longer; the ledger keeps what it used")
    .argument("<model>", "name or id")
    .addOption(yesOption)
    .action(async (reference, { yes }) => {
      const admin = cli.admin();
      const { id, name } = await findModel(admin, reference);
      await confirmDeletion(cli, `the model "${name}" (${id})`, yes);
      await admin.delete(`/models/${id}`);
      remark(cli, `Deleted the model "${name}".`);
    });
}

function targetsText(model: Model): string {
  return model.targets
    .map(({ provider_name: name, provider_id: id, upstream_model: upstream }) =>
      upstream === model.name ? (name ?? id) : `${name ?? id} as ${upstream}`,
    )
    .join(", ");
}

function showModel(cli: Cli, model: Model): void {
  print(
    cli,
    ...factLines(
      [
        ["name", model.name],
        ["id", model.id],
        ["served by", targetsText(model)],
        ["aliases", model.aliases?.join(", ")],
        ["context window", model.context_window],
        ["longest answer", model.max_output_tokens],
      ],
      cli.io.out,
    ),
  );
}
