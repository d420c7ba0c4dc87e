import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { verb } from "#lib/services/verb";
import { type TopSums, topRows } from "./top-rows";
import { questionOf, UsageReportQuery, UsageRow } from "./usage-report";

const Sums = UsageRow.pick({
  requests: true,
  input_tokens: true,
  cached_tokens: true,
  output_tokens: true,
  cost_usd: true,
  errors: true,
});
const Line = Sums.extend({ group: z.string().nullable(), name: z.string().nullable() });
/** `groups`: how many are within it. */
const TopGroup = Line.extend({ groups: z.int(), within: z.array(Line) });
const TopUsage = z.object({
  data: z.array(TopGroup),
  all: Sums.extend({ groups: z.int() }),
  complete_from: z.string().nullable(),
});
export type TopUsage = z.output<typeof TopUsage>;

const count = z.int().min(1).max(1000);

/**
 * The first groups of a usage report (the most expensive ones, or the latest of times), and the sums of all of its groups: for
 * a page, where there may be a hundred thousand. With a second level, about `lines` of it in all, and at least
 * `fewest_within` of each group, and one more. Where a request counts in several groups, it does so in the sums.
 * @throws ServiceError "invalid"
 */
export const topUsage = verb({
  role: "viewer",
  input: z.strictObject({
    ...UsageReportQuery.shape,
    most: count,
    lines: count.default(100),
    fewest_within: count.default(3),
  }),
  output: TopUsage,
  run: async (ctx, { most, lines, fewest_within: fewestWithin, ...query }): Promise<TopUsage> => {
    const { window, question } = await questionOf(ctx, query);
    const { rows, all, completeFrom } = await topRows(ctx, window, question, { most, lines, fewestWithin });
    return {
      data: rows.map(({ group, name, groups, within, ...sums }) => ({
        ...{ group, name, groups, ...toSums(sums) },
        within: within.map((line) => ({ group: line.group, name: line.name, ...toSums(line) })),
      })),
      all: { groups: all.groups, ...toSums(all) },
      complete_from: completeFrom?.toISOString() ?? null,
    };
  },
});

const toSums = (sums: TopSums): z.output<typeof Sums> => ({
  requests: Number(sums.requests),
  input_tokens: Number(sums.input_tokens),
  cached_tokens: Number(sums.cached_tokens),
  output_tokens: Number(sums.output_tokens),
  cost_usd: formatUsd(parseUsd(sums.cost_usd)),
  errors: Number(sums.errors),
});
