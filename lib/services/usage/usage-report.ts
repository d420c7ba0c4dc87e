import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { invalidField } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import { momentField, textField, usdField } from "#lib/services/fields";
import { ownerFilters } from "#lib/services/owners";
import { verb } from "#lib/services/verb";
import { type ReportWindow, reportWindow } from "./report-window";
import { USAGE_GROUPS, type UsageSums, usageRows } from "./usage-rows";

const exactText = textField(200).min(1).optional();

export const UsageReportQuery = z.strictObject({
  from: momentField
    .optional()
    .describe("By created_at, inclusive. Default: the start of the month in which `to` lies."),
  to: momentField.optional().describe("Exclusive. Default: now."),
  group_by: z.enum(USAGE_GROUPS).default("day"),
  ...ownerFilters,
  model: exactText,
  provider: exactText,
  tag: exactText,
});
export type UsageReportQuery = z.output<typeof UsageReportQuery>;

/** The usage of one group. */
const UsageRow = z
  .object({
    group: z
      .string()
      .nullable()
      .describe("An id, a name, an hour or a UTC day. Null for requests without one, such as without a tag."),
    name: z
      .string()
      .nullable()
      .optional()
      .describe("Of an organization, user, key or app. Null if it was deleted."),
    requests: z.int(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    cost_usd: usdField,
    errors: z.int().describe("Requests answered with a status of 400 or more."),
  })
  .meta({ id: "UsageRow" });
export type UsageRow = z.output<typeof UsageRow>;

const UsageReport = z.object({ data: z.array(UsageRow) }).meta({ id: "UsageReport" });
type UsageReport = z.output<typeof UsageReport>;

/**
 * Reports usage within a time window by group: hours and days in order, other groups by cost. Counts requests
 * that have ended, without adjustments. A request with two tags counts under both.
 * @throws ServiceError "invalid"
 */
export const usageReport = verb({
  role: "viewer",
  input: UsageReportQuery,
  output: UsageReport,
  run: readUsage,
});

/** The same for a query that is already parsed. */
export async function readUsage(ctx: ServiceContext, query: UsageReportQuery): Promise<UsageReport> {
  const { from, to, ...question } = query;
  const rows = await usageRows(ctx, checkedWindow(from, to), question);
  const isTime = question.group_by === "hour" || question.group_by === "day";
  return { data: rows.sort(isTime ? byGroup : byCost).map(toUsageRow) };
}

function checkedWindow(from: string | undefined, to: string | undefined): ReportWindow {
  const window = reportWindow(from, to, new Date());
  if (window.from > window.to) throw invalidField("to", "The end is before the start.");
  return window;
}

function byGroup(a: UsageSums, b: UsageSums): number {
  return (a.group ?? "") < (b.group ?? "") ? -1 : 1;
}

function byCost(a: UsageSums, b: UsageSums): number {
  const difference = parseUsd(b.costUsd) - parseUsd(a.costUsd);
  return difference === 0n ? byGroup(a, b) : difference > 0n ? 1 : -1;
}

const toUsageRow = (row: UsageSums): UsageRow => ({
  group: row.group,
  ...(row.name === undefined ? {} : { name: row.name }),
  requests: Number(row.requests),
  input_tokens: Number(row.inputTokens),
  output_tokens: Number(row.outputTokens),
  cost_usd: formatUsd(parseUsd(row.costUsd)),
  errors: Number(row.errors),
});
