import { z } from "zod";
import { usageCsv } from "#lib/services/usage/usage-csv";
import { UsageReport, UsageReportQuery, usageReport } from "#lib/services/usage/usage-report";
import { NAMED_GROUPS } from "#lib/services/usage/usage-rows";
import { type Operation, operation } from "./operation";

/** Usage reports. */
export const usageOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/usage",
    summary: "Report usage",
    description:
      "Requests that have ended, by when they began; adjustments are in the ledger, not here. Grouped by tag, a request counts under each of its tags. Hours and days come in their order, everything else by cost. Parts of hours and tags are read from the ledger, and so reach back as far as it is kept.",
    tag: "Usage",
    status: 200,
    input: UsageReportQuery.extend({
      format: z.enum(["json", "csv"]).default("json").describe("`csv` answers text/csv, as a download."),
    }),
    output: UsageReport,
    otherMediaTypes: ["text/csv"],
    run: async (ctx, { format, ...query }) => {
      const report = await usageReport(ctx, query);
      if (format === "json") return report;
      const name = `usage-by-${query.group_by}.csv`;
      return new Response(usageCsv(report.data, NAMED_GROUPS.has(query.group_by)), {
        headers: {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": `attachment; filename="${name}"`,
        },
      });
    },
  }),
];
