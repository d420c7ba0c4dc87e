import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageReport } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { minute, usd } from "#lib/cli/output/format";
import { print, remark, show } from "#lib/cli/output/show";
import { type Column, tableLines } from "#lib/cli/output/table";
import { organizationLookup } from "#lib/cli/resources/lookups";
import { isUsageGroup, USAGE_GROUPS, type UsageGroup } from "#lib/services/usage/usage-question";

type Row = UsageReport["data"][number];

/** `tollgate usage` */
export function addUsageCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("usage")
    .description("report requests, tokens, cost and latency by one or two groups")
    .addOption(
      new Option("--by <group>", "day by default; a second one splits each group; also metadata:NAME")
        .choices(USAGE_GROUPS)
        .argParser(addGroup),
    )
    .option("--from <time>", "a date or time; the start of the month by default")
    .option("--to <time>", "exclusive; now by default")
    .option("--time-zone <zone>", "of dates, days and hours, like Europe/Berlin; UTC by default")
    .option("--org <org>", "only this organization: name or id")
    .option("--model <model>", "only this model")
    .option("--tag <tag>", "only requests with this tag")
    .addHelpText("after", "\nExample:\n  $ npx tollgate usage --by day --by model --time-zone Asia/Kolkata")
    .action(async ({ by = ["day"], timeZone: time_zone, org, ...filters }) => {
      const admin = cli.admin();
      const organization_id = org === undefined ? undefined : (await organizationLookup.find(admin, org)).id;
      const query = { group_by: by, time_zone, organization_id, ...filters };
      show(cli, await admin.get("/usage", UsageReport, query), (report) => showReport(cli, report, by));
    });
}

function addGroup(text: string, before: UsageGroup[] | undefined): UsageGroup[] {
  if (!isUsageGroup(text)) {
    throw wrongUsage(
      `--by takes one of ${USAGE_GROUPS.join(", ")}, or metadata and a name, like metadata:team.`,
    );
  }
  return [...(before ?? []), text];
}

function showReport(
  cli: Cli,
  { data, complete_from: completeFrom }: UsageReport,
  by: readonly UsageGroup[],
): void {
  if (data.length === 0) remark(cli, "No usage.");
  else print(cli, ...tableLines(columnsOf(by), data, cli.io.out));
  if (completeFrom != null) {
    remark(
      cli,
      `Complete from ${minute(completeFrom)} on: earlier requests were removed, or are still being summed.`,
    );
  }
}

const columnsOf = ([first, second]: readonly UsageGroup[]): Column<Row>[] => [
  { title: title(first), value: (row) => row.name ?? row.group, mayShrink: true },
  ...(second === undefined
    ? []
    : [{ title: title(second), value: (row: Row) => row.subgroup_name ?? row.subgroup, mayShrink: true }]),
  { title: "REQUESTS", value: (row) => row.requests, align: "right" },
  { title: "ERRORS", value: (row) => row.errors, align: "right" },
  { title: "INPUT", value: (row) => row.input_tokens, align: "right", mayGo: true },
  { title: "CACHED", value: (row) => row.cached_tokens, align: "right", mayGo: true },
  { title: "OUTPUT", value: (row) => row.output_tokens, align: "right", mayGo: true },
  { title: "COST", value: (row) => usd(row.cost_usd), align: "right" },
  { title: "LATENCY P50", value: (row) => row.latency_ms_p50, align: "right", mayGo: true },
  { title: "P95", value: (row) => row.latency_ms_p95, align: "right", mayGo: true },
];

const title = (group: UsageGroup | undefined) => (group ?? "day").replaceAll("_", " ").toUpperCase();
