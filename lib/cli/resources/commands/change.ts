import { Option } from "@commander-js/extra-typings";
import type { z } from "zod";
import type { Identified } from "#lib/cli/api/answers";
import { segment } from "#lib/cli/api/client";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { confirmDeletion } from "#lib/cli/output/confirm";
import { remark, show } from "#lib/cli/output/show";
import { type Field, requestOf } from "#lib/cli/resources/field";
import type { Effect, ResourceCommand } from "#lib/cli/resources/resource";
import { addRowCommand, type Checks } from "./add-command";
import { dataOption, withData } from "./data-option";
import { showFacts, showRow } from "./show-facts";

/** `update`: changes what the options name. */
export function update<Row extends Identified>(
  description: string,
  fields: readonly Field[],
): ResourceCommand<Row> {
  return (group, cli, resource) =>
    addRowCommand(group, cli, resource, {
      name: "update",
      description,
      options: [...fields.flatMap((field) => field.options), dataOption],
      run: async (now, given, admin) => {
        const body = withData(await requestOf(fields, given, { cli, admin, now }), given);
        if (Object.keys(body).length === 0) {
          throw wrongUsage("Nothing to change: pass at least one option.", "--help lists them.");
        }
        const answer = await admin.patch(`${resource.path}/${segment(now.id)}`, resource.item, body);
        showRow(cli, resource, answer);
      },
    });
}

export const yesOption = new Option("-y, --yes", "do not ask for confirmation");

/** `delete`: asks first, unless `--yes` is given. */
export function remove<Row extends Identified>(
  description: string,
  { alsoDeleted = "" }: { /** Like `and the user's keys`. */ alsoDeleted?: string } = {},
): ResourceCommand<Row> {
  return (group, cli, resource) =>
    addRowCommand(group, cli, resource, {
      name: "delete",
      aliases: ["rm"],
      description,
      options: [yesOption],
      run: async (row, given, admin) => {
        const label = [resource.label(row), alsoDeleted].filter((part) => part !== "").join(" ");
        await confirmDeletion(cli, label, given.yes === true);
        await admin.delete(`${resource.path}/${segment(row.id)}`);
        remark(cli, `Deleted ${label}.`);
      },
    });
}

type ActionSpec = Checks & {
  /** The command's name, and the last part of the path: `POST /api-keys/{id}/revoke`. */
  name: string;
  /** Other names of the command. */
  aliases?: readonly string[];
  description: string;
  fields?: readonly Field[];
  examples?: readonly string[];
};

/** A plain verb, like `suspend`, that answers with the changed row. */
export function action<Row extends Identified>(spec: ActionSpec): ResourceCommand<Row> {
  return (group, cli, resource) =>
    actionWith<Row, Row>({
      ...spec,
      item: resource.item,
      print: (_cli, answered) => showFacts(cli, resource, answered),
    })(group, cli, resource);
}

/** A verb with an answer of its own. */
export function actionWith<Row extends Identified, Answered>(
  spec: ActionSpec & {
    item: z.ZodType<Answered>;
    print(cli: Cli, answered: Answered, row: Row): void;
    /** What the answer says went wrong; the command fails with it. */
    problem?(answered: Answered, row: Row): string | undefined;
    effect?: Effect<NoInfer<Answered>>;
  },
): ResourceCommand<Row> {
  const { name, aliases, description, fields = [], examples, check, item, print, problem, effect } = spec;
  return (group, cli, resource) =>
    addRowCommand(group, cli, resource, {
      name,
      aliases,
      description,
      examples,
      options: [...fields.flatMap((field) => field.options), ...(effect?.options ?? [])],
      before: (given) => {
        check?.(given);
        effect?.before(given, cli);
      },
      run: async (row, given, admin) => {
        const body = await requestOf(fields, given, { cli, admin });
        const answer = await admin.post(`${resource.path}/${segment(row.id)}/${name}`, item, body);
        show(cli, answer, (answered) => print(cli, answered, row));
        effect?.after(given, cli, answer.value);
        const failure = problem?.(answer.value, row);
        if (failure !== undefined) throw new CliError(failure, EXIT.failed);
      },
    });
}
