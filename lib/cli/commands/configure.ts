import { Argument, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { agentFile } from "#lib/cli/agents/agent-file";
import { writeSettings } from "#lib/cli/agents/write-settings";
import { modelNames } from "#lib/cli/chat/complete";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { print, printJson, remark } from "#lib/cli/output/show";
import { apiKey } from "#lib/cli/profile/connection";
import { AGENTS } from "#lib/guides/agents";

/** `tollgate configure` */
export function addConfigureCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("configure")
    .description("set up a coding agent to work through the gateway")
    .addArgument(new Argument("<agent>", "the agent").choices(AGENTS.map(({ id }) => id)))
    .option("--key <key>", "the API key (default: TOLLGATE_API_KEY, then the profile's key)")
    .option("-m, --model <model>", "the model (default: the first one that the key may use)")
    .option("--write", "write the settings; what was there is kept as a backup")
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx tollgate configure claude --key KEY\n  $ npx tollgate configure codex --key KEY --model gpt-5-mini --write",
    )
    .action(async (id, options) => {
      const agent = AGENTS.find((known) => known.id === id);
      if (agent === undefined) throw wrongUsage(`There is no agent "${id}".`);
      if (options.write && agent.file === null) {
        throw wrongUsage(`${agent.label} keeps its settings in its own database.`, "Leave --write out.");
      }
      const origin = cli.url();
      const key = apiKey(origin, { ...cli.globals(), key: options.key }, cli.io.env);
      const model = await modelFor({ url: origin, key }, options.model);
      const settings = agent.settings({ origin, apiKey: key, model });
      const file = agentFile(agent, cli.io.env);
      if (!options.write || file === null) {
        if (cli.globals().json) return printJson(cli, { agent: agent.id, file, settings });
        if (file !== null) remark(cli, `${file}:`);
        print(cli, settings);
        if (file !== null) remark(cli, `To write it, add --write. Then start:  ${agent.start}`);
        return;
      }
      const backup = writeSettings(file, settings, agent.isShared);
      if (cli.globals().json) return printJson(cli, { agent: agent.id, file, backup });
      remark(cli, `Wrote ${file} (readable only by you).`);
      if (backup !== null) remark(cli, `What was there is in ${backup}.`);
      remark(cli, `Start:  ${agent.start}`);
    });
}

/** The model that is asked for, or the first one that the key may use; so the key is checked, too. */
async function modelFor(plane: { url: string; key: string }, asked: string | undefined): Promise<string> {
  const names = await modelNames(plane);
  if (asked === undefined) {
    const [first] = names;
    if (first !== undefined) return first;
    throw new CliError("This key has no allowed models.", EXIT.failed, {
      hint: "Run npx tollgate model list to see the models, and model create to add one.",
    });
  }
  if (names.includes(asked)) return asked;
  throw new CliError(`This key may not use the model "${asked}".`, EXIT.notFound, {
    hint: names.length === 0 ? undefined : `Models: ${names.join(", ")}.`,
  });
}
