import type { z } from "zod";
import { type Identified, Usage } from "#lib/cli/api/answers";
import { segment } from "#lib/cli/api/client";
import { print, remark, show } from "#lib/cli/output/show";
import { type Column, factLines, tableLines } from "#lib/cli/output/table";
import { usageFacts } from "#lib/cli/output/usage";
import type { ResourceCommand } from "#lib/cli/resources/resource";
import { addRowCommand } from "./add-command";
import { showRow } from "./show-facts";

/** `get`: prints one row. */
export function get<Row extends Identified>(): ResourceCommand<Row> {
  return (group, cli, resource) =>
    addRowCommand(group, cli, resource, {
      name: "get",
      description: `show one ${resource.noun}`,
      run: async ({ id }, _given, admin) => {
        const answer = await admin.get(`${resource.path}/${segment(id)}`, resource.item);
        showRow(cli, resource, answer);
      },
    });
}

/** A list about one row that the API answers as a whole, like `provider models`. */
export const listOf =
  <Row extends Identified, Item>(spec: {
    /** The command's name, and the last part of the path. */
    name: string;
    description: string;
    list: z.ZodType<{ data: readonly Item[] }>;
    columns: readonly Column<Item>[];
    empty: string;
  }): ResourceCommand<Row> =>
  (group, cli, resource) =>
    addRowCommand(group, cli, resource, {
      name: spec.name,
      description: spec.description,
      run: async ({ id }, _given, admin) => {
        const answer = await admin.get(`${resource.path}/${segment(id)}/${spec.name}`, spec.list);
        show(cli, answer, ({ data }) => {
          if (data.length === 0) remark(cli, spec.empty);
          else print(cli, ...tableLines(spec.columns, data, cli.io.out));
        });
      },
    });

/** `usage`: prints what one has used in the running period. */
export function usage<Row extends Identified>(description: string): ResourceCommand<Row> {
  return (group, cli, resource) =>
    addRowCommand(group, cli, resource, {
      name: "usage",
      description,
      run: async ({ id }, _given, admin) => {
        const answer = await admin.get(`${resource.path}/${segment(id)}/usage`, Usage);
        show(cli, answer, (used) => print(cli, ...factLines(usageFacts(used), cli.io.out)));
      },
    });
}
