import type postgres from "postgres";
import { parseUsd } from "#lib/credit/money";
import type { RetryingSql } from "./retrying-sql";
import type { LimitedScope } from "./tenants";

/** A counter of a limited scope in one snapshot of the database, in picodollars. */
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

export type Polls = {
  /** Reads all counters at once. @throws Discrepancy when a grant has raised one above its limit */
  poll(): Promise<void>;
  /**
   * Call this when a change of the scope's limits is committed. Waits for grants under the old limits; later polls compare
   * with the counters after that.
   */
  changed(scope: LimitedScope): Promise<void>;
  /** How many polls there were, and how many budgets and concurrency limits they checked in total. */
  counts: { polls: number; budgets: number; concurrency: number };
};

/** A broken invariant, which ends the run. */
export class Discrepancy extends Error {
  override name = "Discrepancy";
}

/**
 * Checks at every poll, for each counter with a hard budget, that spent + held is within the limit or has not risen since
 * the last poll, apart from recorded excess and refunds (change-log.ts). So every grant obeyed the limit in force,
 * even if an earlier limit was higher.
 */
export function startPolls(database: RetryingSql, limited: readonly LimitedScope[]): Polls {
  const last = new Map<string, Seen>();
  const byId = new Map(limited.map((scope) => [scope.id, scope]));
  const counts = { polls: 0, budgets: 0, concurrency: 0 };

  function check(row: CounterRow, scope: LimitedScope): void {
    const now = seenIn(row);
    const before = last.get(row.id) ?? { used: 0n, open: 0, excess: 0n, refunds: 0n };
    last.set(row.id, now);
    if (parseUsd(row.held) < 0n || row.open < 0)
      throw new Discrepancy(`${named(scope, row)} has negative holds`);
    if (!row.running || row.period !== scope.period) return;
    if (scope.limitUsd !== null) {
      counts.budgets += 1;
      const limit = parseUsd(scope.limitUsd);
      // Without a grant it is the last value less refunds; with one, it must be within the limit.
      const ungranted = before.used + now.refunds - before.refunds;
      const max = (ungranted > limit ? ungranted : limit) + now.excess - before.excess;
      if (now.used > max) {
        throw new Discrepancy(
          `${named(scope, row)} has a limit of $${scope.limitUsd}; it went from ${before.used} to ${now.used} picodollars, of which ${now.excess - before.excess} were not granted`,
        );
      }
    }
    if (scope.maxConcurrent !== null) {
      counts.concurrency += 1;
      if (now.open > Math.max(scope.maxConcurrent, before.open)) {
        throw new Discrepancy(
          `${named(scope, row)} has a concurrency limit of ${scope.maxConcurrent}; ${before.open} were open before`,
        );
      }
    }
  }

  return {
    counts,
    async poll() {
      const rows = await database.retry((sql) => readCounters(sql, [...byId.keys()]));
      counts.polls += 1;
      for (const row of rows) {
        const scope = byId.get(row.scope_id);
        if (scope) check(row, scope);
      }
    },
    async changed(scope) {
      const rows = await database.retry((sql) =>
        sql.begin(async (tx) => {
          // A hold locks the table before it reads the limits, until its commit: also a hold that creates the scope's
          // first counter, which this transaction could not see, let alone lock. Later holds read the new limit.
          await tx`LOCK TABLE counters IN EXCLUSIVE MODE`;
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
