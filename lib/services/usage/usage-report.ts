import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { invalidField } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import { instantField, momentField, textField, usdField } from "#lib/services/fields";
import { metadataName } from "#lib/services/metadata";
import { ownerFilters } from "#lib/services/owners";
import { verb } from "#lib/services/verb";
import { percentilesOf } from "./latency-histogram";
import { timeZoneField, windowInZone } from "./time-zone";
import { metadataNameOf, USAGE_GROUPS, type UsageGroup } from "./usage-question";
import { isNamed, MOST_ROWS, type UsageSums, usageRows } from "./usage-rows";

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
const UsageRow = z
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
  const { from, to, group_by: _, time_zone: timeZone, ...filters } = query;
  const groups = groupsOf(query);
  if (new Set(groups).size < groups.length) throw invalidField("group_by", "Group by two different things.");
  const window = await windowInZone(ctx.db, { from, to, timeZone }, new Date());
  const { rows, completeFrom } = await usageRows(ctx, window, { ...filters, groups, timeZone });
  if (rows.length > MOST_ROWS) {
    throw invalidField("group_by", `More than ${MOST_ROWS} groups: report a shorter time, or fewer of them.`);
  }
  return {
    data: inOrder(groups, rows).map((placed) => toUsageRow(placed, groups)),
    complete_from: completeFrom?.toISOString() ?? null,
  };
}

const isTime = (group: UsageGroup) => group === "hour" || group === "day";

/** A row, and what it is ordered by at each level: the text of its group, and what all rows of that group cost. */
type Placed = { row: UsageSums; texts: readonly string[]; costs: readonly bigint[] };

/** Groups in their order, and those within a group in theirs: times in order, others by cost. */
function inOrder(groups: readonly UsageGroup[], rows: readonly UsageSums[]): Placed[] {
  const outerCosts = new Map<string | null, bigint>();
  const costs = rows.map((row) => {
    const cost = parseUsd(row.costUsd);
    const outer = row.groups[0] ?? null;
    outerCosts.set(outer, (outerCosts.get(outer) ?? 0n) + cost);
    return cost;
  });
  const placed = rows.map((row, index): Placed => {
    const [outer, own] = [outerCosts.get(row.groups[0] ?? null) ?? 0n, costs[index] ?? 0n];
    const texts = row.groups.map((group) => group ?? "");
    return { row, texts, costs: groups.length > 1 ? [outer, own] : [own] };
  });
  const areTimes = groups.map(isTime);
  return placed.sort((a, b) => {
    for (const [level, areInOrder] of areTimes.entries()) {
      const byCost = areInOrder ? 0 : compare(b.costs[level] ?? 0n, a.costs[level] ?? 0n);
      const order = byCost || compare(a.texts[level] ?? "", b.texts[level] ?? "");
      if (order !== 0) return order;
    }
    return 0;
  });
}

const compare = <T extends string | bigint>(a: T, b: T) => (a === b ? 0 : a < b ? -1 : 1);

function toUsageRow({ row, costs }: Placed, [first, second]: readonly UsageGroup[]): UsageRow {
  const latency = percentilesOf(row.latency);
  const ttft = percentilesOf(row.ttft);
  return {
    group: row.groups[0] ?? null,
    ...(isNamed(first) ? { name: row.names[0] ?? null } : {}),
    ...(second === undefined ? {} : { subgroup: row.groups[1] ?? null }),
    ...(isNamed(second) ? { subgroup_name: row.names[1] ?? null } : {}),
    requests: Number(row.requests),
    input_tokens: Number(row.inputTokens),
    cached_tokens: Number(row.cachedTokens),
    output_tokens: Number(row.outputTokens),
    cost_usd: formatUsd(costs.at(-1) ?? 0n),
    errors: Number(row.errors),
    latency_ms_p50: latency.p50,
    latency_ms_p95: latency.p95,
    ttft_ms_p50: ttft.p50,
    ttft_ms_p95: ttft.p95,
  };
}
