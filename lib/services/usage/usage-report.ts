import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { invalidField } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import { instantField, momentField, textField, usdField } from "#lib/services/fields";
import { metadataName } from "#lib/services/metadata";
import { ownerFilters } from "#lib/services/owners";
import { verb } from "#lib/services/verb";
import { percentilesOf } from "./latency-histogram";
import type { ReportWindow } from "./report-window";
import { timeZoneField, windowInZone } from "./time-zone";
import {
  isNamed,
  isTime,
  metadataNameOf,
  USAGE_GROUPS,
  type UsageGroup,
  type UsageQuestion,
} from "./usage-question";
import { MOST_ROWS, type UsageSums, usageRows } from "./usage-rows";

const exactText = textField(200).min(1).optional();
const groupsError = `Choose one or two of: ${USAGE_GROUPS.join(", ")}, or metadata and a name, like metadata:team.`;
const ByMetadata = z
  .templateLiteral(["metadata:", z.string()])
  .refine((group) => metadataName.safeParse(metadataNameOf(group)).success, groupsError);
const Group = z.union([z.enum(USAGE_GROUPS), ByMetadata]);

export const UsageReportQuery = z.strictObject({
  from: momentField
    .optional()
    .describe("By created_at, inclusive. Default: the start of the month in which `to` lies."),
  to: momentField.optional().describe("Exclusive. Default: the end of the current hour."),
  group_by: z
    .union([Group, z.array(Group).min(1).max(2)], { error: groupsError })
    .default("day")
    .describe(
      "`metadata:team` groups by the callers' metadata of that name at the time of their requests. Twice for groups within groups: `group_by=day&group_by=model`.",
    ),
  time_zone: timeZoneField
    .default("UTC")
    .describe("An IANA time zone: when hours, days and months begin, and dates in `from` and `to`."),
  ...ownerFilters,
  model: exactText,
  provider: exactText,
  tag: exactText,
});
export type UsageReportQuery = z.output<typeof UsageReportQuery>;

const durationField = z.int().nullable();
const nameField = z
  .string()
  .nullable()
  .optional()
  .describe("Of an organization, user, key or app. Null if it was deleted.");

/** The usage of one group. */
export const UsageRow = z
  .object({
    group: z
      .string()
      .nullable()
      .describe(
        "An id, a name, the start of an hour or a day. Null for requests without one, such as without a tag or metadata of that name.",
      ),
    name: nameField,
    subgroup: z.string().nullable().optional().describe("The same by the second `group_by`."),
    subgroup_name: nameField,
    requests: z.int(),
    input_tokens: z.int().describe("Cached and cache-written included."),
    cached_tokens: z.int(),
    output_tokens: z.int(),
    cost_usd: usdField,
    errors: z.int().describe("Requests answered with a status of 400 or more."),
    latency_ms_p50: durationField.describe("Durations are within 10 %. Null without any."),
    latency_ms_p95: durationField,
    ttft_ms_p50: durationField.describe("Until the first content."),
    ttft_ms_p95: durationField,
  })
  .meta({ id: "UsageRow" });
export type UsageRow = z.output<typeof UsageRow>;

const UsageReport = z
  .object({
    data: z.array(UsageRow),
    complete_from: instantField
      .nullable()
      .describe(
        "Null if the sums are complete. Else they lack requests from before this time: removed ones (sums of whole quarter hours always have them), or, for some minutes after an upgrade, those that are not summed yet.",
      ),
  })
  .meta({ id: "UsageReport" });
type UsageReport = z.output<typeof UsageReport>;

/**
 * Reports usage within a time window by one or two groups: hours and days in order, other groups by cost. Counts requests
 * that have ended, without adjustments. A request with two tags counts under both.
 * @throws ServiceError "invalid"
 */
export const usageReport = verb({
  role: "viewer",
  input: UsageReportQuery,
  output: UsageReport,
  run: readUsage,
});

/** The groups of a query, the outer one first. */
export const groupsOf = ({ group_by }: Pick<UsageReportQuery, "group_by">): UsageGroup[] =>
  Array.isArray(group_by) ? group_by : [group_by];

/** The same for a query that is already parsed. */
export async function readUsage(ctx: ServiceContext, query: UsageReportQuery): Promise<UsageReport> {
  const { window, question } = await questionOf(ctx, query);
  const { groups } = question;
  const { rows, completeFrom } = await usageRows(ctx, window, question);
  if (rows.length > MOST_ROWS) {
    throw invalidField("group_by", `More than ${MOST_ROWS} groups: report a shorter time, or fewer of them.`);
  }
  return {
    data: inOrder(groups, rows).map((priced) => toUsageRow(priced, groups)),
    complete_from: completeFrom?.toISOString() ?? null,
  };
}

/**
 * What a query asks.
 * @throws ServiceError "invalid"
 */
export async function questionOf(
  { db }: Pick<ServiceContext, "db">,
  query: UsageReportQuery,
): Promise<{ window: ReportWindow; question: UsageQuestion }> {
  const { from, to, group_by: _, time_zone: timeZone, ...filters } = query;
  const groups = groupsOf(query);
  if (new Set(groups).size < groups.length) throw invalidField("group_by", "Group by two different things.");
  const window = await windowInZone(db, { from, to, timeZone }, new Date());
  return { window, question: { ...filters, groups, timeZone } };
}

/** A row and what it costs, and what all rows of its outer group cost. */
type Priced = { row: UsageSums; cost: bigint; outerCost: bigint };

/** Groups in their order, and those within a group in theirs: times in order, others by cost. */
function inOrder(groups: readonly UsageGroup[], rows: readonly UsageSums[]): Priced[] {
  const priced = rows.map((row): Priced => {
    const cost = parseUsd(row.costUsd);
    return { row, cost, outerCost: cost };
  });
  const [byTime = false, byTimeWithin = false] = groups.map(isTime);
  if (groups.length === 1) {
    return priced.sort((a, b) => (byTime ? 0 : compare(b.cost, a.cost)) || compareTexts(a, b, 0));
  }
  const outerCosts = new Map<string | null, bigint>();
  for (const { row, cost } of priced) {
    const outer = row.groups[0] ?? null;
    outerCosts.set(outer, (outerCosts.get(outer) ?? 0n) + cost);
  }
  for (const each of priced) each.outerCost = outerCosts.get(each.row.groups[0] ?? null) ?? 0n;
  return priced.sort(
    (a, b) =>
      (byTime ? 0 : compare(b.outerCost, a.outerCost)) ||
      compareTexts(a, b, 0) ||
      (byTimeWithin ? 0 : compare(b.cost, a.cost)) ||
      compareTexts(a, b, 1),
  );
}

const compareTexts = (a: Priced, b: Priced, level: number): number =>
  compare(a.row.groups[level] ?? "", b.row.groups[level] ?? "");

const compare = <T extends string | bigint>(a: T, b: T) => (a === b ? 0 : a < b ? -1 : 1);

/** Absent fields are undefined, so that thousands of rows have one shape: spreads of some took a third of their time. */
function toUsageRow({ row, cost }: Priced, [first, second]: readonly UsageGroup[]): UsageRow {
  const latency = percentilesOf(row.latency);
  const ttft = percentilesOf(row.ttft);
  return {
    group: row.groups[0] ?? null,
    name: isNamed(first) ? (row.names[0] ?? null) : undefined,
    subgroup: second === undefined ? undefined : (row.groups[1] ?? null),
    subgroup_name: isNamed(second) ? (row.names[1] ?? null) : undefined,
    requests: Number(row.requests),
    input_tokens: Number(row.inputTokens),
    cached_tokens: Number(row.cachedTokens),
    output_tokens: Number(row.outputTokens),
    cost_usd: formatUsd(cost),
    errors: Number(row.errors),
    latency_ms_p50: latency.p50,
    latency_ms_p95: latency.p95,
    ttft_ms_p50: ttft.p50,
    ttft_ms_p95: ttft.p95,
  };
}
