import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Identified } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import type { Column, Fact } from "#lib/cli/output/table";
import type { Field, Given } from "./field";
import type { Lookup } from "./lookups";

/** One entry of the table of resources: everything its commands need to know about it. */
export type Resource<Row extends Identified> = Lookup<Row> & {
  alias: string;
  /** More of them, as other gateways call it. */
  otherAliases?: readonly string[];
  plural: string;
  /** One line of `tollgate --help`. */
  summary: string;
  /** How people name one, for help. */
  named: string;
  /** An option that tells apart rows of one name. */
  within?: Field;
  /** Like `the organization "Acme" (id)`. */
  label(row: Row): string;
  columns: readonly Column<Row>[];
  facts(row: Row): readonly Fact[];
  /** In the order in which help shows them. */
  commands: readonly ResourceCommand<Row>[];
};

/** Adds one command to a resource's group. */
export type ResourceCommand<Row extends Identified> = (
  group: CommandUnknownOpts,
  cli: Cli,
  resource: Resource<Row>,
) => void;

/** Adds a resource's group, as `tollgate org`, with its commands. */
export type AddResource = (parent: CommandUnknownOpts, cli: Cli) => void;

export function defineResource<Row extends Identified>(resource: Resource<Row>): AddResource {
  return (parent, cli) => {
    const group = parent
      .command(resource.command)
      .alias(resource.alias)
      .helpCommand(false)
      .description(resource.summary);
    for (const alias of resource.otherAliases ?? []) group.alias(alias);
    for (const add of resource.commands) add(group, cli, resource);
  };
}

/** Options with an effect besides the request, like `--save`. */
export type Effect<Answered> = {
  options: readonly Option[];
  /** Runs before anything is sent. */
  before(given: Given, cli: Cli): void;
  /** Runs when the answer has been printed. */
  after(given: Given, cli: Cli, answered: Answered): void;
};
