import type { TestGateway } from "./test-gateway";

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
