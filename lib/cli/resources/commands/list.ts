import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { z } from "zod";
import type { Identified } from "#lib/cli/api/answers";
import type { Body } from "#lib/cli/api/client";
import { allPages, onePage } from "#lib/cli/api/pages";
import type { Cli } from "#lib/cli/cli";
import { wholeNumber } from "#lib/cli/options/values";
import { print, remark, show } from "#lib/cli/output/show";
import { type Column, tableLines } from "#lib/cli/output/table";
import { type Field, type Given, requestOf, textOf } from "#lib/cli/resources/field";
import type { ResourceCommand } from "#lib/cli/resources/resource";
import { addCommand, addRowCommand } from "./add-command";
import { filterOption, filtersIn } from "./data-option";
import { type Follows, follow } from "./follow";

const limitOption = new Option("--limit <n>", "the most rows to show")
  .argParser(wholeNumber(1, 200))
  .default(50);
const cursorOption = new Option("--cursor <cursor>", "continue after an earlier page");
const allOption = new Option("--all", "show all rows").conflicts(["limit", "cursor"]);
const followOption = new Option(
  "-f, --follow",
  "show the last ones, then each new one when it is complete; with --json, one a line",
).conflicts(["limit", "cursor", "all", "to"]);
export const pageOptions = [limitOption, cursorOption, allOption];

/** The page that these options ask for. */
export const pageIn = (given: Given) => ({
  limit: Number(given.limit),
  cursor: textOf(given, cursorOption),
});

type List<Item> = {
  path: string;
  item: z.ZodType<Item>;
  columns: readonly Column<Item>[];
  /** What to say when there are none. */
  empty: string;
};

type ListSpec<Item> = {
  filters?: readonly Field[];
  empty: string;
  /** Adds `--follow`. */
  follows?: Follows<Item>;
};

/** `list`: a page, or with `--all` every row. */
export const list =
  <Row extends Identified>(spec: ListSpec<Row>): ResourceCommand<Row> =>
  (group, cli, { path, item, columns, plural }) =>
    addList(group, cli, { ...spec, path, item, columns, description: `list ${plural}, newest first` });

/** `list` of a resource whose list does not have its rows, but something about them. */
export const listInstead =
  <Row extends Identified, Item>(
    spec: ListSpec<Item> & Omit<List<Item>, "path"> & { description: string },
  ): ResourceCommand<Row> =>
  (group, cli, { path }) =>
    addList(group, cli, { ...spec, path });

function addList<Item>(
  group: CommandUnknownOpts,
  cli: Cli,
  spec: ListSpec<Item> & List<Item> & { description: string },
): void {
  const { filters = [], description, follows } = spec;
  const followOptions = follows === undefined ? [] : [followOption];
  addCommand(group, {
    name: "list",
    aliases: ["ls"],
    description,
    options: [...filters.flatMap((filter) => filter.options), filterOption, ...pageOptions, ...followOptions],
    run: async (given) => {
      const admin = cli.admin();
      const query = { ...(await requestOf(filters, given, { cli, admin })), ...filtersIn(given) };
      if (follows === undefined || given.follow !== true) return showList(cli, spec, query, given);
      const isJson = cli.globals().json === true;
      const shown = (row: Item, json: unknown) =>
        print(cli, isJson ? JSON.stringify(json) : follows.line(row));
      await follow(admin, { ...spec, isOpen: follows.isOpen }, query, shown, cli.io.out.gone);
    },
  });
}

/** Lists the rows of another resource that belong to one row, like `org users Acme`. */
export function listWithin<Row extends Identified, Item>(spec: {
  name: string;
  description: string;
  list(row: Row): List<Item>;
}): ResourceCommand<Row> {
  return (group, cli, resource) =>
    addRowCommand(group, cli, resource, {
      name: spec.name,
      description: spec.description,
      options: pageOptions,
      run: (row, given) => showList(cli, spec.list(row), {}, given),
    });
}

async function showList<Item>(cli: Cli, list: List<Item>, query: Body, given: Given): Promise<void> {
  const { path, item, columns, empty } = list;
  const admin = cli.admin();
  const answer = given.all
    ? await allPages(admin, path, item, query)
    : await onePage(admin, path, item, { ...query, ...pageIn(given) });
  show(cli, answer, ({ items, next }) => {
    if (items.length === 0) remark(cli, empty);
    else print(cli, ...tableLines(columns, items, cli.io.out));
    if (next !== null) remark(cli, `There are more: pass --all, or --cursor ${next} for the next page.`);
  });
}
