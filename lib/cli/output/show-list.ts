import type { z } from "zod";
import type { Query } from "#lib/cli/api/client";
import { allPages, onePage } from "#lib/cli/api/pages";
import type { Cli } from "#lib/cli/cli";
import type { ListOptions } from "#lib/cli/options/list-options";
import { print, remark, show } from "./show";
import { type Column, tableLines } from "./table";

/** Fetches a list, or the part of it that was asked for, and prints it as a table. */
export async function showList<Item extends z.ZodType>(
  cli: Cli,
  list: {
    path: string;
    item: Item;
    query?: Query;
    columns: readonly Column<z.output<Item>>[];
    empty: string;
  },
  { limit, cursor, all }: ListOptions,
): Promise<void> {
  const { path, item, query = {}, columns, empty } = list;
  const admin = cli.admin();
  const answer = all
    ? await allPages(admin, path, item, query)
    : await onePage(admin, path, item, { ...query, limit, cursor });
  show(cli, answer, ({ items, next }) => {
    if (items.length === 0) remark(cli, empty);
    else print(cli, ...tableLines(columns, items, cli.io.out));
    if (next !== null) remark(cli, `There are more: --all shows them, --cursor ${next} the next ones.`);
  });
}
