import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { usdField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { readTopUsage, UsageReportQuery, UsageRow } from "./usage-report";

const Sums = z.object({
  groups: z.int(),
  requests: z.int(),
  input_tokens: z.int(),
  cached_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: usdField,
  errors: z.int(),
});

/**
 * The most expensive groups of a usage report, and the sums of all of its groups: for a page, where there may be a hundred
 * thousand. Where a request counts in several groups, it does so in the sums.
 * @throws ServiceError "invalid"
 */
export const topUsage = verb({
  role: "viewer",
  input: z.strictObject({ ...UsageReportQuery.shape, most: z.int().min(1).max(1000) }),
  output: z.object({ data: z.array(UsageRow), all: Sums, complete_from: z.string().nullable() }),
  run: async (ctx, { most, ...query }) => {
    const { data, all, complete_from } = await readTopUsage(ctx, query, most);
    return {
      data,
      all: {
        groups: Number(all?.groups ?? 0),
        requests: Number(all?.requests ?? 0),
        input_tokens: Number(all?.inputTokens ?? 0),
        cached_tokens: Number(all?.cachedTokens ?? 0),
        output_tokens: Number(all?.outputTokens ?? 0),
        cost_usd: formatUsd(parseUsd(all?.costUsd ?? "0")),
        errors: Number(all?.errors ?? 0),
      },
      complete_from,
    };
  },
});
