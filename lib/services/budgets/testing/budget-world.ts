import { sql } from "drizzle-orm";
import { beforeEach } from "vitest";
import type { Period } from "#lib/db/schema/columns";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { raiseBudgetEvents } from "#lib/services/budgets/raise-budget-events";
import { type World, worldOfFile } from "#lib/services/testing/world";

type BudgetTable = typeof organizations | typeof users | typeof apiKeys;

/** A world with functions that set budgets and spend them. */
export type BudgetWorld = World & {
  /** Sets a budget with a soft limit of `percent`; `limit` null removes it. */
  limit(
    table: BudgetTable,
    id: string,
    limit: string | null,
    percent?: number | null,
    period?: Period,
  ): Promise<unknown>;
  /** Sets what the running bucket of a scope, or the bucket of `ago` before now, has spent. */
  spent(scopeId: string, usd: string, period?: Period, ago?: string): Promise<unknown>;
  raise(): ReturnType<typeof raiseBudgetEvents>;
  /** Removes all budgets, counters and events. */
  reset(): Promise<void>;
  /** Sets five budgets in both organizations that are spent by half or more, and raises their events. */
  raiseFiveEvents(): Promise<void>;
};

export async function budgetWorldOfFile(): Promise<BudgetWorld> {
  const world = await worldOfFile();
  const { db, a, b, member, other } = world;
  const limit: BudgetWorld["limit"] = (table, id, limitUsd, percent = null, period = "month") =>
    db
      .update(table)
      .set(budgetColumns(limitUsd, percent, period))
      .where(sql`id = ${id}`);
  const spent: BudgetWorld["spent"] = (scopeId, usd, period = "month", ago = "0") =>
    db.execute(sql`
      insert into counters (scope_type, scope_id, period, period_start, spent_usd)
      values (
        case when exists (select from users where id = ${scopeId}) then 'user'::scope_type
          when exists (select from api_keys where id = ${scopeId}) then 'api_key' else 'organization' end,
        ${scopeId}, ${period}, tollgate_period_start(${period}::period, now() - ${ago}::interval), ${usd}
      )
      on conflict on constraint counters_bucket do update set spent_usd = excluded.spent_usd`);
  const raise = () => raiseBudgetEvents(db);
  return {
    ...world,
    limit,
    spent,
    raise,
    reset: async () => {
      await db.execute(sql`truncate budget_events, events, counters cascade`);
      for (const table of [organizations, users, apiKeys]) await db.update(table).set(budgetColumns(null));
    },
    raiseFiveEvents: async () => {
      for (const id of [a.id, b.id]) {
        await limit(organizations, id, "10", 50);
        await spent(id, "5");
      }
      for (const { id } of [member, other]) await limit(users, id, "1", 50);
      await limit(apiKeys, a.memberKey, "1", 50);
      for (const id of [member.id, other.id, a.memberKey]) await spent(id, "0.75");
      await raise();
    },
  };
}

/** The same with five events, and no others, before each test. */
export async function eventWorldOfFile(): Promise<BudgetWorld> {
  const world = await budgetWorldOfFile();
  beforeEach(async () => {
    await world.reset();
    await world.raiseFiveEvents();
  });
  return world;
}

const budgetColumns = (limit: string | null, percent: number | null = null, period: Period = "month") => ({
  budgetLimitUsd: limit,
  budgetPeriod: limit === null ? null : period,
  budgetSoftPercent: percent,
});
