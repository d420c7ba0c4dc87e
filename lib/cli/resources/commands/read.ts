import { type Identified, Usage } from "#lib/cli/api/answers";
import { segment } from "#lib/cli/api/client";
import { print, show } from "#lib/cli/output/show";
import { factLines } from "#lib/cli/output/table";
import { usageFacts } from "#lib/cli/output/usage";
import type { ResourceCommand } from "#lib/cli/resources/resource";
import { addRowCommand } from "./add-command";
import { showFacts } from "./show-facts";

/** `get`: prints one row. */
export function get<Row extends Identified>(): ResourceCommand<Row> {
  return (group, cli, resource) =>
    addRowCommand(group, cli, resource, {
      name: "get",
      description: `show one ${resource.noun}`,
      run: async ({ id }, _given, admin) => {
        const answer = await admin.get(`${resource.path}/${segment(id)}`, resource.item);
        show(cli, answer, (row) => showFacts(cli, resource, row));
      },
    });
}

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
