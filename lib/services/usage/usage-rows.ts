import { type SQL, sql } from "drizzle-orm";
import { ledgerState } from "#lib/db/schema/credit";
import type { ServiceContext } from "#lib/services/context";
import { completeFrom, KEPT, type KeptRow } from "./complete-from";
import { withCounted } from "./counted-usage";
import type { ReportWindow } from "./report-window";
import { KEYS, levelsOf } from "./usage-levels";
import { metadataNameOf, type UsageGroup, type UsageQuestion } from "./usage-question";
import { MEASURES } from "./usage-sources";

/** Sums as text from the database, with histograms as `percentilesOf` reads them. `names` has null where such groups have none. */
export type UsageSums = {
  groups: (string | null)[];
  names: (string | null)[];
  requests: string;
  errors: string;
  inputTokens: string;
  outputTokens: string;
  cachedTokens: string;
  costUsd: string;
  latency: string;
  ttft: string;
};

/** `completeFrom`: null, or the time before which the sums lack what retention has removed. */
export type UsageAnswer = { rows: UsageSums[]; completeFrom: Date | null };

/** More than any chart or invoice needs, and less than would hold up other requests. */
export const MOST_ROWS = 50_000;

/**
 * Sums the usage that the actor may see in one statement, and so in one snapshot.
 * @returns at most `MOST_ROWS` + 1 rows
 */
export async function usageRows(
  ctx: ServiceContext,
  window: ReportWindow,
  question: UsageQuestion,
): Promise<UsageAnswer> {
  const { groups } = question;
  const levels = levelsOf(ctx.actor, question);
  const columns = levels.flatMap(({ text, name }, index) => [
    sql`${text(KEYS[index] ?? KEYS[0])} as ${TEXTS[index]}`,
    sql`${name?.(KEYS[index] ?? KEYS[0]) ?? sql`null`} as ${NAMES[index]}`,
  ]);
  const query = sql`
    ${withCounted(ctx.actor, window, question, levels, SUMS)}, shown as (
      select * from counted limit ${MOST_ROWS + 1}
    )
    select ${KEPT}, shown.* from ${ledgerState} kept full join (
      select ${sql.join(columns, sql`, `)}, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd,
        encode(numeric_send(latency), 'base64') as latency, encode(numeric_send(ttft), 'base64') as ttft
      from shown
    ) shown on false`;
  const answer = await (groups.some(hasThousands)
    ? inOrderOfGroups(ctx.db, query)
    : ctx.db.execute<Row>(query));
  const rows: UsageSums[] = [];
  let kept: Row | undefined;
  for (const row of answer) {
    if (row.requests === null) kept = row;
    else rows.push(toSums(row, row.requests, groups.length));
  }
  return { rows, completeFrom: completeFrom(kept, window, question) };
}

/** Groups of which a report may have thousands. */
const hasThousands = (group: UsageGroup): boolean =>
  group === "user" || group === "api_key" || metadataNameOf(group) !== null;

/**
 * Sums up one group after the other, in one process. The planner expects few groups, and would keep the sums of all of them at
 * a time, with two histograms each, which is more than a processor's caches hold; in parallel, each worker would sum up most
 * groups and pass on what it has of each.
 */
const inOrderOfGroups = (db: ServiceContext["db"], query: SQL) =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('enable_hashagg', 'off', true),
      set_config('max_parallel_workers_per_gather', '0', true)`);
    return tx.execute<Row>(query);
  });

type Row = KeptRow & {
  group_1: string | null;
  group_2?: string | null;
  name_1: string | null;
  name_2?: string | null;
  requests: string | null;
  errors: string;
  input_tokens: string;
  output_tokens: string;
  cached_tokens: string;
  cost_usd: string;
  latency: string;
  ttft: string;
};

const SUMS = sql.raw(MEASURES.map((name) => `sum(${name}) as ${name}`).join(", "));
const TEXTS = [sql.raw("group_1"), sql.raw("group_2")] as const;
const NAMES = [sql.raw("name_1"), sql.raw("name_2")] as const;

const toSums = (row: Row, requests: string, levels: number): UsageSums => ({
  groups: levels === 1 ? [row.group_1] : [row.group_1, row.group_2 ?? null],
  names: levels === 1 ? [row.name_1] : [row.name_1, row.name_2 ?? null],
  requests,
  errors: row.errors,
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
  cachedTokens: row.cached_tokens,
  costUsd: row.cost_usd,
  latency: row.latency,
  ttft: row.ttft,
});
