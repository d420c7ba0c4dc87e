import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Identified } from "#lib/cli/api/answers";
import type { AdminClient } from "#lib/cli/api/client";
import type { Cli } from "#lib/cli/cli";
import type { Given } from "#lib/cli/resources/field";
import type { Resource } from "#lib/cli/resources/resource";

type CommandSpec = {
  name: string;
  aliases?: readonly string[];
  description: string;
  options?: readonly Option[];
  examples?: readonly string[];
};

/** A command that judges its options. */
export type Checks = {
  /** @throws CliError when the options do not fit together */
  check?(given: Given): void;
};

/** Adds a command to a group; its options are a list, so that commands can be described as data. */
export function addCommand(
  group: CommandUnknownOpts,
  spec: CommandSpec & {
    arguments?: readonly { flags: string; description: string }[];
    run(given: Given, ...args: readonly (string | undefined)[]): Promise<void>;
  },
): void {
  const { aliases = [], options = [], examples = [] } = spec;
  const command = group.command(spec.name).description(spec.description);
  for (const alias of aliases) command.alias(alias);
  for (const { flags, description } of spec.arguments ?? []) command.argument(flags, description);
  for (const option of options) command.addOption(option);
  if (examples.length > 0) {
    const title = examples.length === 1 ? "Example" : "Examples";
    command.addHelpText("after", `\n${title}:\n${examples.map((line) => `  $ ${line}`).join("\n")}`);
  }
  command.action(() => spec.run(command.opts(), ...command.args));
}

/** The row that an argument names. */
export async function findRow<Row extends Identified>(
  cli: Cli,
  { find, within }: Pick<Resource<Row>, "find" | "within">,
  admin: AdminClient,
  reference: string,
  given: Given,
): Promise<Row> {
  return find(admin, reference, await within?.toRequest(given, { cli, admin }));
}

/** Adds a command on one row, which its argument names. */
export function addRowCommand<Row extends Identified>(
  group: CommandUnknownOpts,
  cli: Cli,
  resource: Resource<Row>,
  spec: CommandSpec & {
    /** Runs before the row is looked up. */
    before?(given: Given): void;
    run(row: Row, given: Given, admin: AdminClient): Promise<void>;
  },
): void {
  const { command, named, within } = resource;
  addCommand(group, {
    ...spec,
    arguments: [{ flags: `<${command}>`, description: named }],
    options: [...(spec.options ?? []), ...(within?.options ?? [])],
    run: async (given, reference = "") => {
      const admin = cli.admin();
      spec.before?.(given);
      await spec.run(await findRow(cli, resource, admin, reference, given), given, admin);
    },
  });
}
