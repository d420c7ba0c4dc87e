import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { Metrics } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { minute, usd } from "#lib/cli/output/format";
import { print, remark, show } from "#lib/cli/output/show";
import { bold } from "#lib/cli/output/style";
import { type Column, factLines, tableLines } from "#lib/cli/output/table";

/** `tollgate metrics` */
export function addMetricsCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("metrics")
    .description("show the gateway's key figures")
    .action(async () => {
      show(cli, await cli.admin().get("/metrics", Metrics), (metrics) => showMetrics(cli, metrics));
    });
}

function showMetrics(cli: Cli, metrics: Metrics): void {
  const { out } = cli.io;
  const { api_keys: keys, average_response_ms: averageMs } = metrics;
  print(
    cli,
    ...factLines(
      [
        ["requests", metrics.total_requests],
        ["cost", usd(metrics.total_cost_usd)],
        ["average response", averageMs === null ? null : `${Math.round(averageMs)} ms`],
        ["organizations", metrics.organizations],
        ["users", metrics.users],
        ["API keys", `${keys.active} active, ${keys.revoked} revoked`],
        ["up for", uptime(metrics.uptime_seconds)],
        ["as of", minute(metrics.last_updated)],
      ],
      out,
    ),
  );
  if (metrics.complete_from != null) {
    remark(
      cli,
      `Complete from ${minute(metrics.complete_from)} on: earlier requests are still being summed.`,
    );
  }
  const providers = Object.entries(metrics.requests_by_provider).sort(([, a], [, b]) => b - a);
  if (providers.length > 0) print(cli, "", bold(out, "Requests by provider"), ...factLines(providers, out));
  for (const [title, top = []] of [
    ["Users with the most cost", metrics.top_users],
    ["Users with the most requests", metrics.top_users_by_requests],
  ] as const)
    if (top.length > 0) print(cli, "", bold(out, title), ...tableLines(TOP_COLUMNS, top, out));
}

const TOP_COLUMNS: readonly Column<Metrics["top_users"][number]>[] = [
  {
    title: "USER",
    value: ({ email, external_id: externalId, user_id: id }) => email ?? externalId ?? id,
    mayShrink: true,
  },
  { title: "COST", value: (user) => usd(user.cost_usd), align: "right" },
  { title: "REQUESTS", value: (user) => user.requests, align: "right" },
];

/** Like "3 d 4 h" or "12 min". */
export function uptime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}
