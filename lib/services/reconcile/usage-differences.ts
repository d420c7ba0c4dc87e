import { type AnyColumn, and, eq, gte, lt, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { ledger } from "#lib/db/schema/credit";
import { usageGroups, usagePending, usageQuarters } from "#lib/db/schema/usage";
import { instantField, signedUsdField } from "#lib/services/fields";
import { createdWithin } from "#lib/services/requests/created-within";
import { usdText } from "#lib/services/usd-text";
import { comparableFrom, type ReconciledDays } from "./reconciled-days";

const MOST_SHOWN = 100;

const Figures = z.object({
  requests: z.int(),
  errors: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cached_tokens: z.int(),
  cost_usd: signedUsdField,
});

/** An hour of one caller and model whose rollup differs from the sum of its requests. */
export const UsageDifference = z
  .object({
    hour: instantField,
    organization_id: z.uuid(),
    user_id: z.uuid().nullable(),
    api_key_id: z.uuid().nullable(),
    app_id: z.uuid().nullable(),
    model: z.string(),
    provider: z.string().nullable(),
    rollup: Figures.describe("The figures in the rollup."),
    ledger: Figures.describe("The sums of its requests."),
  })
  .meta({ id: "UsageDifference" });
export type UsageDifference = z.output<typeof UsageDifference>;

/**
 * Compares the quarter hours of callers, by the hour, with the requests of some days that have ended. Skips hours from which
 * retention has removed requests, and those that an upgrade has not summed yet.
 */
export async function usageDifferences(tx: Tx, days: ReconciledDays) {
  const from = await comparableFrom(tx, days);
  const isWithin = (at: AnyColumn) => and(gte(at, from), days.to && lt(at, days.to));
  const rows = await tx.execute<Row>(sql`
    with counted as (
      select date_trunc('hour', created_at, 'UTC') as hour, organization_id, user_id, api_key_id, app_id, model, provider,
        1::bigint as requests, coalesce((http_status >= 400)::int, 0)::bigint as errors, input_tokens, output_tokens,
        cached_tokens, cost_usd, false as rollup
      from ${ledger} where status in ('settled', 'released', 'swept') and ${createdWithin(from, days.to)}
      union all
      select date_trunc('hour', at, 'UTC'), organization_id, user_id, api_key_id, app_id, model, provider, requests, errors,
        input_tokens, output_tokens, cached_tokens, cost_usd, true
      from ${usageQuarters} join ${usageGroups} on ${eq(usageGroups.id, usageQuarters.groupId)}
      where ${and(eq(usageQuarters.cut, "caller"), isWithin(usageQuarters.at))}
      union all
      select date_trunc('hour', at, 'UTC'), organization_id, user_id, api_key_id, app_id, model, provider, requests, errors,
        input_tokens, output_tokens, cached_tokens, cost_usd, true
      from ${usagePending} where ${isWithin(usagePending.at)}
    ), compared as (
      select extract(epoch from hour) * 1000 as hour_ms, organization_id, user_id, api_key_id, app_id, model, provider,
        ${sums(false)} as ledger, ${sums(true)} as rollup
      from counted group by hour, organization_id, user_id, api_key_id, app_id, model, provider
    )
    select (select count(*) from compared) as checked, different.*
    from (select 1) as one left join (
      -- As text: Drizzle's client does not parse arrays of numbers.
      select hour_ms, organization_id, user_id, api_key_id, app_id, model, provider, ledger::text[], rollup::text[],
        count(*) over () as different
      from compared where ledger <> rollup order by hour_ms limit ${MOST_SHOWN}
    ) different on true`);
  return {
    checked: Number(rows[0]?.checked ?? 0),
    different: Number(rows[0]?.different ?? 0),
    data: [...rows].flatMap((row) => (row.hour_ms === null ? [] : [toDifference(row, row.hour_ms)])),
  };
}

/** One array, so that one comparison covers all figures. */
const sums = (rollup: boolean) => sql`array[
  ${sumOf("requests", rollup)}, ${sumOf("errors", rollup)}, ${sumOf("input_tokens", rollup)},
  ${sumOf("output_tokens", rollup)}, ${sumOf("cached_tokens", rollup)}, ${sumOf("cost_usd", rollup)}]::numeric[]`;

const sumOf = (figure: string, rollup: boolean) =>
  sql`coalesce(sum(${sql.identifier(figure)}) filter (where rollup = ${rollup}), 0)`;

type Row = {
  checked: string;
  different: string | null;
  hour_ms: string | null;
  organization_id: string;
  user_id: string | null;
  api_key_id: string | null;
  app_id: string | null;
  model: string;
  provider: string | null;
  ledger: string[];
  rollup: string[];
};

const toDifference = (row: Row, hourMs: string): UsageDifference => ({
  hour: new Date(Number(hourMs)).toISOString(),
  organization_id: row.organization_id,
  user_id: row.user_id,
  api_key_id: row.api_key_id,
  app_id: row.app_id,
  model: row.model,
  provider: row.provider,
  rollup: toFigures(row.rollup),
  ledger: toFigures(row.ledger),
});

function toFigures([requests, errors, input, output, cached, cost]: readonly string[]) {
  return {
    requests: Number(requests),
    errors: Number(errors),
    input_tokens: Number(input),
    output_tokens: Number(output),
    cached_tokens: Number(cached),
    cost_usd: usdText(cost ?? null),
  };
}
