import type { TestGateway } from "./test-gateway";

/** $1 a million tokens each way: a token is a microdollar. */
export const MICRODOLLAR_RATES = { inputPerMtok: "1", outputPerMtok: "1" };

/** The same for what is read from a cache and written to one, as Anthropic prices them. */
export const CACHE_RATES = {
  ...MICRODOLLAR_RATES,
  cacheReadPerMtok: "0.1",
  cacheWritePerMtok: "1.25",
  cacheWrite1hPerMtok: "2",
};

type Payer = Pick<TestGateway, "sql" | "seeded">;

/** What the seeded user has spent, in USD. */
export async function spentUsd({ sql, seeded }: Payer): Promise<number> {
  const [row] = await sql`
    SELECT coalesce(sum(spent_usd), 0)::float AS usd FROM counters WHERE scope_id = ${seeded.ids.user}`;
  return row?.usd;
}

/** Gives the seeded user a hard budget of which `usd` is left, or none if null. */
export async function leaveBudget({ sql, seeded }: Payer, usd: number | string | null): Promise<void> {
  await sql`
    UPDATE users SET budget_period = 'total', budget_limit_usd = ${usd}::numeric + coalesce(
      (SELECT sum(spent_usd) FROM counters WHERE scope_id = ${seeded.ids.user} AND period = 'total'), 0)
    WHERE id = ${seeded.ids.user}`;
}

/** Sets what the seeded user has spent to zero; returns what it was, in USD. */
export async function giveBackSpentUsd({ sql, seeded }: Payer): Promise<number> {
  const rows = await sql`
    UPDATE counters SET spent_usd = 0 WHERE scope_id = ${seeded.ids.user} RETURNING old.spent_usd::float AS usd`;
  return rows.reduce((sum, { usd }) => sum + usd, 0);
}
