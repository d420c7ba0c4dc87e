import type postgres from "postgres";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { uuidv7 } from "#lib/credit/request-id";
import type { Period } from "#lib/db/schema/columns";
import type { Polls } from "./polls";
import type { Random } from "./random";
import type { RetryingSql } from "./retrying-sql";
import { type LimitedScope, TABLES } from "./tenants";

export type Changes = {
  /** Makes one change to a scope while requests are in flight, as an administrator does. */
  change(): Promise<void>;
  counts: Record<
    "raised" | "lowered" | "removed" | "blocked" | "periods" | "concurrency" | "adjustments",
    number
  >;
};

type Kind = keyof Changes["counts"];
/** Mostly raised, since otherwise nothing would be left to spend. */
const KINDS: readonly Kind[] = [
  ...Array<Kind>(10).fill("raised"),
  ...Array<Kind>(3).fill("lowered"),
  ...Array<Kind>(2).fill("removed"),
  "blocked",
  "periods",
  "concurrency",
  ...Array<Kind>(2).fill("adjustments"),
];
const PERIODS: readonly Period[] = ["day", "week", "month", "total"];

export function startChanges(
  database: RetryingSql,
  polls: Polls,
  limited: readonly LimitedScope[],
  random: Random,
): Changes {
  const counts = {
    raised: 0,
    lowered: 0,
    removed: 0,
    blocked: 0,
    periods: 0,
    concurrency: 0,
    adjustments: 0,
  };
  const budgeted = limited.filter(({ limitUsd }) => limitUsd !== null);

  async function setLimits(
    scope: LimitedScope,
    next: Pick<LimitedScope, "limitUsd" | "maxConcurrent">,
  ): Promise<void> {
    await database.retry(
      (sql) => sql`
        UPDATE ${sql(TABLES[scope.type])} SET budget_limit_usd = ${next.limitUsd}, max_concurrent = ${next.maxConcurrent}
        WHERE id = ${scope.id}`,
    );
    Object.assign(scope, next);
    await polls.changed(scope);
  }

  /** Moves the bucket in the same commit, as the control plane does (lib/services/usage/move-bucket.ts). */
  async function setPeriod(scope: LimitedScope, period: Period): Promise<void> {
    const { id, type } = scope;
    await database.retry((sql) =>
      sql.begin(async (tx) => {
        const [row] = await tx<{ from: Period }[]>`
          SELECT budget_period AS from FROM ${tx(TABLES[type])} WHERE id = ${id} FOR UPDATE`;
        if (!row || row.from === period) return;
        await tx`UPDATE ${tx(TABLES[type])} SET budget_period = ${period} WHERE id = ${id}`;
        await tx`SELECT tollgate_rebucket_v1(${type}::scope_type, ${id}::uuid, ${row.from}::period, ${period}::period)`;
      }),
    );
    scope.period = period;
    await polls.changed(scope);
  }

  async function adjust({ type, id, organizationId, period }: LimitedScope): Promise<void> {
    const adjustment = uuidv7();
    const own = (wanted: string) => (type === wanted ? id : null);
    const usd = formatUsd(BigInt(random.whole(-2_000_000_001, 1_000_000_001)));
    await database.retry(
      (sql) => sql`
        SELECT tollgate_adjust_v1(${adjustment}, ${type}, ${id}, ${period}, ${organizationId}, ${own("user")},
          ${own("api_key")}, ${own("app")}, ${usd}, 'chaos', 'chaos')`,
    );
  }

  return {
    counts,
    async change() {
      const kind = random.pick(KINDS);
      const scope = random.pick(kind === "concurrency" ? limited : budgeted);
      const { limitUsd, maxConcurrent } = scope;
      counts[kind] += 1;
      switch (kind) {
        case "raised": {
          const max = scope.type === "organization" ? 400 : 60;
          const room = BigInt(random.whole(1, max)) * 1_000_000_007n;
          return setLimits(scope, {
            limitUsd: formatUsd((await database.retry((sql) => spent(sql, scope))) + room),
            maxConcurrent,
          });
        }
        case "lowered": {
          const now = await database.retry((sql) => spent(sql, scope));
          return setLimits(scope, {
            limitUsd: formatUsd(now < 0n ? 0n : (now * BigInt(random.whole(50, 100))) / 100n),
            maxConcurrent,
          });
        }
        case "removed":
          return setLimits(scope, { limitUsd: null, maxConcurrent });
        case "blocked":
          return setLimits(scope, { limitUsd: "0", maxConcurrent });
        case "periods":
          return setPeriod(scope, random.pick(PERIODS));
        case "concurrency":
          return setLimits(scope, {
            limitUsd,
            maxConcurrent: random.chance(0.4) ? null : random.whole(0, 6),
          });
        case "adjustments":
          return adjust(scope);
      }
    },
  };
}

async function spent(sql: postgres.ISql, { id, period }: LimitedScope): Promise<bigint> {
  const [row] = await sql<{ usd: string }[]>`
    SELECT spent_usd::text AS usd FROM counters
    WHERE scope_id = ${id} AND period = ${period} AND period_start = tollgate_period_start(${period}, now())`;
  return parseUsd(row?.usd ?? "0");
}
