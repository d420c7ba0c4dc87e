import type postgres from "postgres";
import { parseUsd } from "#lib/credit/money";
import type { PatientSql } from "./patient-sql";
import type { LimitedScope } from "./tenants";

/** A counter of a limited scope as one snapshot of the database has it, in picodollars. */
type Seen = { used: bigint; open: number; excess: bigint; refunds: bigint };
type CounterRow = {
  id: string;
  scope_id: string;
  period: string;
  running: boolean;
  spent: string;
  held: string;
  open: number;
  excess: string;
  refunds: string;
};

/** What was seen, last of all, of the counters of a scope. */
export type Polls = {
  /** Looks at every counter at once. @throws Discrepancy when one has been lifted by a grant that its limit forbids */
  poll(): Promise<void>;
  /**
   * The scope's limits have changed, and that is committed: what was granted before under the old ones is waited for,
   * and what is there then is what later polls go by.
   */
  changed(scope: LimitedScope): Promise<void>;
  /** How often it was looked, and at how many budgets and limits on concurrency in all. */
  counts: { polls: number; budgets: number; concurrency: number };
};

/** What must never be: the run ends with it. */
export class Discrepancy extends Error {
  override name = "Discrepancy";
}

/**
 * The rule of every poll, for each counter that a hard budget applies to: what is spent and held has not risen
 * since the last poll, or is within the limit; but for what the notebook (excess.ts) says has lifted it since then
 * that was no grant, and for what was given back. So every grant has obeyed the limit that was in force, also where an earlier one was higher.
 */
export function startPolls(database: PatientSql, limited: readonly LimitedScope[]): Polls {
  const last = new Map<string, Seen>();
  const byId = new Map(limited.map((scope) => [scope.id, scope]));
  const counts = { polls: 0, budgets: 0, concurrency: 0 };

  function judge(row: CounterRow, scope: LimitedScope): void {
    const now = seenIn(row);
    const before = last.get(row.id) ?? { used: 0n, open: 0, excess: 0n, refunds: 0n };
    last.set(row.id, now);
    if (parseUsd(row.held) < 0n || row.open < 0)
      throw new Discrepancy(`${named(scope, row)} holds less than nothing`);
    if (!row.running || row.period !== scope.period) return;
    if (scope.limitUsd !== null) {
      counts.budgets += 1;
      const limit = parseUsd(scope.limitUsd);
      // Without a grant it is what it was, less what was given back; with one, that has found room below the limit.
      const ungranted = before.used + now.refunds - before.refunds;
      const most = (ungranted > limit ? ungranted : limit) + now.excess - before.excess;
      if (now.used > most) {
        throw new Discrepancy(
          `${named(scope, row)} has a limit of $${scope.limitUsd}; it was at ${before.used} picodollars, ${now.excess - before.excess} were no grants, and now it is at ${now.used}`,
        );
      }
    }
    if (scope.mostOpen !== null) {
      counts.concurrency += 1;
      if (now.open > Math.max(scope.mostOpen, before.open)) {
        throw new Discrepancy(
          `${named(scope, row)} has a limit of ${scope.mostOpen} at once; there were ${before.open}`,
        );
      }
    }
  }

  return {
    counts,
    async poll() {
      const rows = await database.again((sql) => readCounters(sql, [...byId.keys()]));
      counts.polls += 1;
      for (const row of rows) {
        const scope = byId.get(row.scope_id);
        if (scope) judge(row, scope);
      }
    },
    async changed(scope) {
      const rows = await database.again((sql) =>
        sql.begin(async (tx) => {
          // A hold that has read the old limit has the counter until it is committed; the next one reads the new.
          await tx`SELECT 1 FROM counters WHERE scope_id = ${scope.id} ORDER BY id FOR UPDATE`;
          return readCounters(tx, [scope.id]);
        }),
      );
      for (const row of rows) last.set(row.id, seenIn(row));
    },
  };
}

const readCounters = (sql: postgres.ISql, scopes: string[]) => sql<CounterRow[]>`
  SELECT c.id, c.scope_id, c.period, c.period_start = tollgate_period_start(c.period, now()) AS running,
    c.spent_usd::text AS spent, c.held_usd::text AS held, c.open_holds AS open,
    x.excess, x.refunds
  FROM counters c, LATERAL (
    SELECT coalesce(sum(x.usd) FILTER (WHERE x.usd > 0), 0)::text AS excess,
      coalesce(sum(x.usd) FILTER (WHERE x.usd < 0), 0)::text AS refunds
    FROM chaos_excess x WHERE x.counter_id = c.id
  ) x
  WHERE c.scope_id = ANY (${scopes}::uuid[])`;

const seenIn = ({ spent, held, open, excess, refunds }: CounterRow): Seen => ({
  used: parseUsd(spent) + parseUsd(held),
  open,
  excess: parseUsd(excess),
  refunds: parseUsd(refunds),
});

const named = (scope: LimitedScope, { period, spent, held, open }: CounterRow) =>
  `${scope.type} ${scope.name} (${period}: $${spent} spent, $${held} held, ${open} open)`;
