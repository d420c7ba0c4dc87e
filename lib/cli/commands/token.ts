import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { AdminToken, AdminTokenWithSecret } from "#lib/cli/api/answers";
import { findOrganization } from "#lib/cli/api/find";
import type { Cli } from "#lib/cli/cli";
import { nameOption, required, yesOption } from "#lib/cli/options/common";
import { allOption, cursorOption, limitOption } from "#lib/cli/options/list-options";
import { instantValue } from "#lib/cli/options/values";
import { confirmDeletion } from "#lib/cli/output/confirm";
import { day } from "#lib/cli/output/format";
import { remark, show } from "#lib/cli/output/show";
import { showList } from "#lib/cli/output/show-list";
import { showSecret } from "#lib/cli/output/show-secret";
import type { Column } from "#lib/cli/output/table";

const columns: readonly Column<AdminToken>[] = [
  { title: "NAME", value: (token) => token.name, mayShrink: true },
  { title: "ID", value: (token) => token.id },
  { title: "ROLE", value: (token) => token.role },
  { title: "ORGANIZATION", value: (token) => token.organization_id ?? "all", mayGo: true },
  { title: "EXPIRES", value: (token) => day(token.expires_at), mayGo: true },
  { title: "CREATED", value: (token) => day(token.created_at), mayGo: true },
];

/** `tollgate token …` */
export function addTokenCommands(parent: CommandUnknownOpts, cli: Cli): void {
  const token = parent
    .command("token")
    .alias("tokens")
    .helpCommand(false)
    .description("Admin tokens: what scripts and this CLI administer with");

  token
    .command("create")
    .description("make an admin token; prints it, this once, to stdout")
    .argument("[name]", "what to call it")
    .addOption(nameOption)
    .addOption(
      new Option("--role <role>", "what it may do")
        .choices(["admin", "org_admin", "viewer"])
        .makeOptionMandatory(),
    )
    .option("--org <org>", "of this organization only: name or id")
    .option("--expires <when>", "a day, a time, or how long from now (30d)", instantValue)
    .action(async (given, { role, org, expires, ...options }) => {
      const name = required(given, options.name, "name");
      const admin = cli.admin();
      const body = {
        name,
        role,
        ...(org !== undefined && { organization_id: (await findOrganization(admin, org)).id }),
        ...(expires && { expires_at: expires }),
      };
      show(cli, await admin.post("/admin-tokens", AdminTokenWithSecret, body), (made) =>
        showSecret(cli, made.token, `The admin token "${made.name}" (${made.id}):`),
      );
    });

  token
    .command("list")
    .alias("ls")
    .description("list admin tokens, newest first")
    .addOption(limitOption)
    .addOption(cursorOption)
    .addOption(allOption)
    .action((options) => {
      const empty = "There are no admin tokens:  npx tollgate token create NAME --role ROLE";
      return showList(cli, { path: "/admin-tokens", item: AdminToken, columns, empty }, options);
    });

  token
    .command("delete")
    .alias("rm")
    .description("delete an admin token: it is refused from then on")
    .argument("<id>", "its id")
    .addOption(yesOption)
    .action(async (id, { yes }) => {
      const admin = cli.admin();
      await confirmDeletion(cli, `the admin token ${id}`, yes);
      await admin.delete(`/admin-tokens/${encodeURIComponent(id)}`);
      remark(cli, "Deleted the admin token.");
    });
}
