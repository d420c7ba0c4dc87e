import { sql } from "drizzle-orm";
import { MEASURES } from "./usage-sources";

/** Sums as text from the database. */
export type SummedUsage = {
  requests: string;
  errors: string;
  inputTokens: string;
  outputTokens: string;
  cachedTokens: string;
  costUsd: string;
};

/** The sums of all groups of a report. Where a request counts in several, it does so here. */
export type AllUsage = SummedUsage & { groups: string };

/** The row that has them: absent in other rows, and null where nothing was used. */
export type AllUsageRow = Partial<
  Record<
    `all_${"groups" | "requests" | "errors" | `${"input" | "output" | "cached"}_tokens` | "cost_usd"}`,
    string | null
  >
>;

const SUMS = MEASURES.filter((name) => name !== "latency" && name !== "ttft");

/** A subquery of the sums of `counted`, all groups of a report. */
export const ALL_COUNTED = sql.raw(
  `(select count(*) as all_groups, ${SUMS.map((name) => `sum(${name}) as all_${name}`).join(", ")} from counted) all_counted`,
);

export const toAllUsage = (row: AllUsageRow | undefined): AllUsage => ({
  groups: row?.all_groups ?? "0",
  requests: row?.all_requests ?? "0",
  errors: row?.all_errors ?? "0",
  inputTokens: row?.all_input_tokens ?? "0",
  outputTokens: row?.all_output_tokens ?? "0",
  cachedTokens: row?.all_cached_tokens ?? "0",
  costUsd: row?.all_cost_usd ?? "0",
});
