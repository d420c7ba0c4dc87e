import { type CreditSystem, LONG_AGO } from "./credit-system";
import type { Reference } from "./reference";

/** Limits, counters, ledger and rollup in a form that can be compared. */
export type CreditState = {
  limits: Record<string, string>;
  buckets: Record<string, string>;
  rows: Record<string, string>;
  usage: string;
};

/** Picodollars in a US dollar. */
const PICO = 1_000_000_000_000;

/** Reads the state of the reference's organization from the database. */
export async function readState({ sql }: CreditSystem, reference: Reference): Promise<CreditState> {
  const scopes = reference.scopes.map(({ id }) => id);
  const [limits, counters, rows, [usage]] = await Promise.all([
    readLimits(sql, scopes),
    sql<
      {
        scope: string;
        period: string;
        earlier: number | null;
        isRunning: boolean;
        spent: string;
        held: string;
        open: number;
      }[]
    >`
      SELECT scope_id AS scope, period, (spent_usd * ${PICO}::bigint)::numeric(50)::text AS spent,
        (held_usd * ${PICO}::bigint)::numeric(50)::text AS held, open_holds AS open,
        CASE WHEN period_start BETWEEN ${LONG_AGO} AND '2000-01-01' THEN period_start::date - ${LONG_AGO}::date END AS earlier,
        period_start = tollgate_period_start(period, now()) AS "isRunning"
      FROM counters WHERE scope_id = ANY (${scopes}::uuid[])`,
    sql<{ id: string; text: string }[]>`
      SELECT id, concat_ws(' ', status, 'hold', (hold_usd * ${PICO}::bigint)::numeric(50), 'cost',
        (cost_usd * ${PICO}::bigint)::numeric(50), 'overrun', (overrun_usd * ${PICO}::bigint)::numeric(50)) AS text
      FROM ledger WHERE organization_id = ${scopes[0] ?? ""}`,
    sql<{ text: string }[]>`
      SELECT concat_ws(' ', coalesce(sum(requests), 0), coalesce(sum(errors), 0), coalesce(sum(input_tokens), 0),
        coalesce(sum(output_tokens), 0), (coalesce(sum(cost_usd), 0) * ${PICO}::bigint)::numeric(50)) AS text
      FROM usage_hourly WHERE organization_id = ${scopes[0] ?? ""}`,
  ]);
  const buckets: CreditState["buckets"] = {};
  for (const { scope, period, earlier, isRunning, spent, held, open } of counters) {
    const rolledOver = reference.rolledOver.get(`${scope} ${period}`) ?? 0;
    const key = `${scope} ${period} ${earlier ?? (isRunning ? rolledOver : rolledOver - 1)}`;
    if (spent !== "0" || held !== "0" || open !== 0)
      buckets[key] = `spent ${spent} held ${held} open ${open}`;
  }
  return {
    limits: Object.fromEntries(limits.map(({ id, text }) => [id, text])),
    buckets,
    rows: Object.fromEntries(rows.map(({ id, text }) => [id, text])),
    usage: usage?.text ?? "",
  };
}

const readLimits = (sql: CreditSystem["sql"], scopes: string[]) => sql<{ id: string; text: string }[]>`
  SELECT id, concat_ws(' ', version, (budget_limit_usd * ${PICO}::bigint)::numeric(50), 'at once', max_concurrent) AS text
  FROM (
    SELECT id, version, budget_limit_usd, max_concurrent FROM organizations
    UNION ALL SELECT id, version, budget_limit_usd, max_concurrent FROM users
    UNION ALL SELECT id, version, budget_limit_usd, max_concurrent FROM api_keys
    UNION ALL SELECT id, version, budget_limit_usd, max_concurrent FROM apps
  ) s WHERE id = ANY (${scopes}::uuid[])`;

/** The state of the reference. */
export function expectedState(reference: Reference): CreditState {
  const buckets: CreditState["buckets"] = {};
  for (const [key, { spent, held, open }] of reference.buckets) {
    if (spent !== 0n || held !== 0n || open !== 0) buckets[key] = `spent ${spent} held ${held} open ${open}`;
  }
  const rows: CreditState["rows"] = {};
  const used = { requests: 0, errors: 0, input: 0, output: 0, cost: 0n };
  for (const [id, { status, hold, cost, overrun }] of reference.rows) {
    if (status === "lost") continue;
    rows[id] = `${status} hold ${hold} cost ${cost} overrun ${overrun}`;
    if (status === "held" || status === "adjustment") continue;
    const swept = status === "swept";
    used.requests += 1;
    used.errors += swept ? 1 : 0;
    used.input += swept ? 100 : 10;
    used.output += swept ? 1 : 5;
    used.cost += cost;
  }
  const limits: CreditState["limits"] = {};
  for (const { id, version, limit, maxConcurrent } of reference.scopes) {
    limits[id] = [version, limit, "at once", maxConcurrent].filter((part) => part !== null).join(" ");
  }
  return { limits, buckets, rows, usage: Object.values(used).join(" ") };
}
