import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { z } from "zod";
import type { Identified } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { remark, show } from "#lib/cli/output/show";
import { showSecret } from "#lib/cli/output/show-secret";
import { type Field, type Given, requestOf, textOf } from "#lib/cli/resources/field";
import type { Effect, ResourceCommand } from "#lib/cli/resources/resource";
import { addCommand, type Checks } from "./add-command";
import { dataOption, withData } from "./data-option";
import { showFacts } from "./show-facts";

type CreateSpec = Checks & {
  description: string;
  /** The field that is an argument: `create Acme`. `--name Acme` works, too, except for a URL: `--url` is the server's. */
  named?: "name" | "email" | "url";
  nameDescription: string;
  /** Whether there may be no name. */
  mayBeUnnamed?(given: Given): boolean;
  /** The name where none is given. */
  defaultName?(given: Given): string | undefined;
  fields: readonly Field[];
  examples: readonly string[];
  /** An option that may be given as a second argument: `org create Acme 1000`. */
  second?: { flags: string; description: string; option: Option };
};

/** `create`: prints the new row. */
export function create<Row extends Identified>(
  spec: CreateSpec & {
    /** The command that people usually run next. */
    next?(row: Row): string;
    /** A secret that was created with the row; its facts then go to stderr. */
    secret?(row: Row): string | null;
  },
): ResourceCommand<Row> {
  return (group, cli, resource) =>
    addCreate(group, cli, spec, resource, (row) => {
      const secret = spec.secret?.(row) ?? null;
      if (secret !== null) return showSecret(cli, secret, `Created ${resource.label(row)}, with this key:`);
      showFacts(cli, resource, row);
      if (spec.next) remark(cli, "", `Next:  ${spec.next(row)}`);
    });
}

/** `create` for a row with a secret: prints the secret to stdout, the only time it is shown. */
export function createWithSecret<Row extends Identified, Created>(
  spec: CreateSpec & {
    item: z.ZodType<Created>;
    /** Null if it is not known. */
    secret(created: Created): string | null;
    title(created: Created): string;
    effect?: Effect<NoInfer<Created>>;
  },
): ResourceCommand<Row> {
  return (group, cli, { path }) =>
    addCreate(
      group,
      cli,
      spec,
      { path, item: spec.item },
      (created) => {
        const [secret, title] = [spec.secret(created), spec.title(created)];
        if (secret === null) remark(cli, title);
        else showSecret(cli, secret, title);
      },
      spec.effect,
    );
}

function addCreate<Created>(
  group: CommandUnknownOpts,
  cli: Cli,
  { named = "name", ...spec }: CreateSpec,
  { path, item }: { path: string; item: z.ZodType<Created> },
  print: (created: Created) => void,
  effect?: Effect<Created>,
): void {
  const nameOption = new Option(`--${named === "url" ? "url-to" : named} <${named}>`).hideHelp();
  addCommand(group, {
    name: "create",
    description: spec.description,
    arguments: [
      { flags: `[${named}]`, description: spec.nameDescription },
      ...(spec.second === undefined ? [] : [spec.second]),
    ],
    options: [
      nameOption,
      ...spec.fields.flatMap((field) => field.options),
      dataOption,
      ...(effect?.options ?? []),
    ],
    examples: spec.examples,
    run: async (options, argument, second) => {
      const given = withSecond(options, spec.second?.option, second);
      const byOption = textOf(given, nameOption);
      if (argument !== undefined && byOption !== undefined && byOption !== argument)
        throw givenTwice(argument, nameOption, byOption);
      const name = argument ?? byOption ?? spec.defaultName?.(given);
      if (name === undefined && !spec.mayBeUnnamed?.(given))
        throw wrongUsage(`missing required argument '${named}'`);
      spec.check?.(given);
      const admin = cli.admin();
      effect?.before(given, cli);
      const fields = await requestOf(spec.fields, given, { cli, admin, ...(name !== undefined && { name }) });
      const body = withData({ ...(name !== undefined && { [named]: name }), ...fields }, given);
      const answer = await admin.post(path, item, body);
      show(cli, answer, print);
      effect?.after(given, cli, answer.value);
    },
  });
}

function withSecond(given: Given, option: Option | undefined, argument: string | undefined): Given {
  if (option === undefined || argument === undefined) return given;
  const other = given[option.attributeName()];
  if (other !== undefined) throw givenTwice(argument, option, String(other));
  const value: unknown = option.parseArg === undefined ? argument : option.parseArg(argument, undefined);
  return { ...given, [option.attributeName()]: value };
}

/** A value came as an argument and as an option. */
const givenTwice = (argument: string, { long }: Option, other: string) =>
  wrongUsage(`Both "${argument}" and ${long} ${other} were given. Pass one of them.`);
