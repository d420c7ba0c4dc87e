import postgres from "postgres";
import { deleteOldRequests } from "#lib/credit/ledger/delete-requests";
import type { HoldRequest } from "#lib/credit/ledger/hold";
import { uuidv7 } from "#lib/credit/request-id";
import { openControlDb, openHotDatabase } from "#lib/db/client";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { benchGateway, settlementOf, smallHold } from "../hold-latency";
import { percentile } from "../percentile";
import type { RowsData } from "./data";
import { ROWS_ENCRYPTION_KEY } from "./rows-key";

/** What deleting requests costs those in flight: medians of windows with and without it, in turn. */
export type RetentionCost = {
  deleted: number;
  deletedPerSecond: number;
  /** Requests held and settled per second. */
  alone: number;
  whileDeleting: number;
  /** The median of each pair's ratio. */
  ratio: number;
  holdP99Ms: { alone: number; whileDeleting: number };
  met: boolean;
};

const IN_FLIGHT = 32;
const TENANTS = 300;
const WARM_UP_MS = 10_000;
const WINDOW_MS = 5_000;
const MOST_PAIRS = 12;
const LEAST_RATIO = 0.9;
/** How much older than the oldest requests those are that are deleted. */
const EARLIER = "12 days";

/**
 * Adds a tenth of the requests again, twelve days before the first one, and deletes them as retention does while requests are
 * held and settled. What was there before is there afterwards.
 */
export async function measureRetention(
  data: RowsData,
  report: (step: string) => void,
): Promise<RetentionCost> {
  const sql = postgres(data.server.url, { max: 2, onnotice: () => {}, connection: { statement_timeout: 0 } });
  report("adding requests to delete");
  await addOldRequests(sql, data);
  const database = openHotDatabase(data.server.socketUrl);
  const control = openControlDb(data.server.socketUrl, 1);
  const gateway = benchGateway(database, ROWS_ENCRYPTION_KEY);
  try {
    const payers: TestPayer[] = [];
    while (payers.length < TENANTS) payers.push(await createTenant(sql));
    const newHold = await holdsOf(gateway, payers);
    report("retention");
    await load(gateway, newHold, WARM_UP_MS);
    const pairs: [Window, Window][] = [];
    let [deleted, deletingMs, complete] = [0, 0, false];
    while (!complete && pairs.length < MOST_PAIRS) {
      const alone = await load(gateway, newHold, WINDOW_MS);
      const startedAt = performance.now();
      const deleting = deleteOldRequests(control, data.start, WINDOW_MS);
      const busy = await load(gateway, newHold, WINDOW_MS);
      const done = await deleting;
      deletingMs += performance.now() - startedAt;
      deleted += done.removed;
      complete = done.complete;
      // The last window is quiet for most of its time.
      if (!complete || pairs.length === 0) pairs.push([alone, busy]);
    }
    report("deleting the rest");
    await deleteOldRequests(control, data.start, Number.POSITIVE_INFINITY, async () => {});
    const median = (of: (pair: [Window, Window]) => number) =>
      percentile(
        pairs.map(of).sort((a, b) => a - b),
        0.5,
      );
    const ratio = median(([alone, busy]) => busy.perSecond / alone.perSecond);
    return {
      deleted,
      deletedPerSecond: (deleted / deletingMs) * 1000,
      alone: median(([alone]) => alone.perSecond),
      whileDeleting: median(([, busy]) => busy.perSecond),
      ratio,
      holdP99Ms: {
        alone: median(([alone]) => alone.holdP99Ms),
        whileDeleting: median(([, busy]) => busy.holdP99Ms),
      },
      met: ratio >= LEAST_RATIO,
    };
  } finally {
    await gateway.limiter.close();
    await database.close(5);
    await control.$client.end({ timeout: 5 });
    await sql.end({ timeout: 5 });
  }
}

async function addOldRequests(sql: postgres.Sql, { start, rows }: RowsData): Promise<void> {
  const columns = await sql<{ name: string }[]>`
    SELECT column_name AS name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = 'ledger' AND column_name NOT IN ('id', 'created_at')`;
  const others = sql.unsafe(columns.map(({ name }) => name).join(", "));
  await sql`DELETE FROM ledger WHERE id < tollgate_id_floor(${start})`;
  await sql`
    WITH added AS (
      INSERT INTO ledger (id, created_at, ${others})
      SELECT (left(tollgate_id_floor(tollgate_id_time(id) - ${EARLIER}::interval)::text, 13) || substr(id::text, 14))::uuid,
        created_at - ${EARLIER}::interval, ${others}
      FROM ledger WHERE status <> 'adjustment' AND id >= tollgate_id_floor(${start}) ORDER BY id LIMIT ${rows / 10}
      RETURNING cost_usd, counter_ids
    )
    UPDATE counters c SET spent_usd = c.spent_usd + s.spent
    FROM (SELECT b.id, sum(cost_usd) AS spent FROM added, unnest(counter_ids) AS b (id) GROUP BY b.id) s WHERE c.id = s.id`;
  await sql`UPDATE ledger_state SET kept_from = 'epoch'`;
}

async function holdsOf(gateway: Gateway, payers: readonly TestPayer[]): Promise<() => HoldRequest> {
  const { version: routingVersion } = await gateway.routing();
  let next = 0;
  return () => {
    const payer = payers[next++ % payers.length];
    if (payer === undefined) throw new Error("no payers");
    const names = { model: "bench", providerName: "bench", upstreamModel: "bench" };
    return smallHold({ payer, routingVersion, priceVersionId: uuidv7(), ...names });
  };
}

type Window = { perSecond: number; holdP99Ms: number };

/** Holds and settles for a time, as requests of a provider that answers at once would. */
async function load(gateway: Gateway, newHold: () => HoldRequest, durationMs: number): Promise<Window> {
  const holdsMs: number[] = [];
  const startedAt = performance.now();
  const caller = async () => {
    while (performance.now() < startedAt + durationMs) {
      const hold = newHold();
      const beforeMs = performance.now();
      const verdict = await gateway.requestHold(hold);
      holdsMs.push(performance.now() - beforeMs);
      if (!verdict.granted) throw new Error(`retention: a hold was not granted: ${verdict.reason}`);
      await gateway.settler.settle(settlementOf(hold, verdict));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  const perSecond = (holdsMs.length / (performance.now() - startedAt)) * 1000;
  return {
    perSecond,
    holdP99Ms: percentile(
      holdsMs.sort((a, b) => a - b),
      0.99,
    ),
  };
}

/** Formats the Markdown table. */
export function retentionTable({
  deleted,
  deletedPerSecond,
  alone,
  whileDeleting,
  ratio,
  holdP99Ms,
}: RetentionCost): string {
  return [
    `| ${IN_FLIGHT} requests in flight | requests/s | hold p99 ms |`,
    "|---|--:|--:|",
    `| alone | ${alone.toFixed(0)} | ${holdP99Ms.alone.toFixed(1)} |`,
    `| while ${deleted} requests are deleted, ${deletedPerSecond.toFixed(0)} a second | ${whileDeleting.toFixed(0)} | ${holdP99Ms.whileDeleting.toFixed(1)} |`,
    `| remaining (bar: at least ${LEAST_RATIO}) | ${ratio.toFixed(2)} | |`,
  ].join("\n");
}
