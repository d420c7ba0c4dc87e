import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { invalidField } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { momentField, textField, usdField } from "#lib/services/fields";
import { type ReportWindow, reportWindow } from "./report-window";
import { USAGE_GROUPS, type UsageSums, usageRows } from "./usage-rows";

const exactText = textField(200).min(1).optional();

export const UsageReportQuery = z.strictObject({
  from: momentField
    .optional()
    .describe("By created_at, inclusive. Without it, the beginning of the month in which `to` lies."),
  to: momentField.optional().describe("Exclusive. Without it, until now."),
  group_by: z.enum(USAGE_GROUPS).default("day"),
  organization_id: z.uuid().optional(),
  user_id: z.uuid().optional(),
  api_key_id: z.uuid().optional(),
  app_id: z.uuid().optional(),
  model: exactText,
  provider: exactText,
  tag: exactText,
});
export type UsageReportQuery = z.output<typeof UsageReportQuery>;

/** What one group has used. */
const UsageRow = z
  .object({
    group: z
      .string()
      .nullable()
      .describe("An id, a name, an hour or a UTC day; null for what has none, like requests without a tag."),
    name: z
      .string()
      .nullable()
      .optional()
      .describe("Of an organization, user, key or app; null where it was deleted."),
    requests: z.int(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    cost_usd: usdField,
    errors: z.int().describe("Requests that were answered with a status of 400 or more."),
  })
  .meta({ id: "UsageRow" });
export type UsageRow = z.output<typeof UsageRow>;

export const UsageReport = z.object({ data: z.array(UsageRow) }).meta({ id: "UsageReport" });
export type UsageReport = z.output<typeof UsageReport>;

/**
 * What was used within a time, by group: hours and days in their order, everything else by cost. Requests
 * that have ended count, adjustments do not. A request with two tags counts under both.
 * @param now the end where none is given; given only by tests
 * @throws ServiceError "invalid"
 */
export async function usageReport(
  ctx: ServiceContext,
  query: z.input<typeof UsageReportQuery> = {},
  now: Date = new Date(),
): Promise<UsageReport> {
  const { from, to, ...asked } = parseInput(UsageReportQuery, query);
  const window = checkedWindow(from, to, now);
  const rows = await usageRows(ctx, window, asked);
  const isTime = asked.group_by === "hour" || asked.group_by === "day";
  return { data: rows.sort(isTime ? byGroup : byCost).map(toUsageRow) };
}

function checkedWindow(from: string | undefined, to: string | undefined, now: Date): ReportWindow {
  const window = reportWindow(from, to, now);
  if (window.from > window.to) throw invalidField("to", "The end is before the beginning.");
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
