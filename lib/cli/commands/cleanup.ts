import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { cleanUp, type Leftover, leftovers } from "#lib/cli/demo/clean-up";
import { CliError, EXIT } from "#lib/cli/failure";
import { print, printJson, remark } from "#lib/cli/output/show";
import { tableLines } from "#lib/cli/output/table";
import { forgetKey } from "#lib/cli/profile/save-key";

/** `tollgate cleanup` */
export function addCleanupCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("cleanup")
    .description("list what setup created, or delete it with --confirm")
    .option("--confirm", "delete it")
    .action(async ({ confirm = false }) => {
      const admin = cli.admin();
      const found = await leftovers(admin);
      const rows: (Leftover & { outcome: string })[] = confirm
        ? await cleanUp(admin, found)
        : found.map((row) => ({ ...row, outcome: row.kept === null ? "would be deleted" : "would be kept" }));
      const gone = rows.flatMap(({ keyPrefix, outcome }) =>
        keyPrefix && outcome === "deleted" ? [keyPrefix] : [],
      );
      forgetKey(cli.io, cli.globals(), admin.url, gone);
      if (cli.globals().json) {
        const data = rows.map(({ kind, name, id, outcome, kept }) => ({
          kind,
          name,
          id,
          outcome,
          reason: kept,
        }));
        printJson(cli, { dry_run: !confirm, data });
      } else if (rows.length === 0) {
        remark(cli, "Nothing to clean up.");
      } else {
        const columns = [
          { title: "KIND", value: (row: Leftover) => row.kind },
          { title: "NAME", value: (row: Leftover) => row.name, mayShrink: true },
          { title: "ID", value: (row: Leftover) => row.id },
          {
            title: "",
            value: (row: (typeof rows)[number]) =>
              row.kept === null ? row.outcome : `${row.outcome}: ${row.kept}`,
            mayShrink: true,
          },
        ];
        print(cli, ...tableLines(columns, rows, cli.io.out));
        if (!confirm)
          remark(cli, "", "Nothing was deleted. To delete all of this:  npx tollgate cleanup --confirm");
      }
      if (rows.some((row) => row.outcome === "failed")) {
        throw new CliError("Some items could not be deleted.", EXIT.failed);
      }
    });
}
