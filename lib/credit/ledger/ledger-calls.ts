import type { TransactionSql } from "postgres";
import { runBatch, type WithDeadline } from "#lib/credit/batching/run-batch";
import { type BatchGates, tenantLanes } from "#lib/credit/batching/tenant-lanes";
import type { Sql } from "#lib/db/client";
import { storableJson } from "#lib/db/storable-json";
import { type HoldRequest, type HoldVerdict, holdArguments, type VerdictRow, verdictsOf } from "./hold";
import { heartbeat, type Instance } from "./instance";
import { type Settlement, type SettleOutcome, settleItem, wholeItem } from "./settle";

/** The hot path to the ledger: concurrent calls of either kind share one call and one commit. */
export type LedgerCalls = {
  /** @throws DatabaseUnavailable when the database does not answer, or a row stays locked for seconds */
  hold: (request: HoldRequest) => Promise<HoldVerdict>;
  /** @throws DatabaseUnavailable, as above */
  settle: (settlement: Settlement) => Promise<SettleOutcome>;
};

type Item = { kind: "hold"; request: HoldRequest } | { kind: "settle"; settlement: Settlement };
type Result = HoldVerdict | SettleOutcome;
/** `verdicts`: null when this process must renew its lease first. `settled`: null when every row was held. */
type Answer = { verdicts: VerdictRow[] | null; settled: string[] | null };

const MAX_ITEMS = 256;

/**
 * Creates the ledger calls of one process. Resending an item is safe: it gets its first result again.
 * @param steady takes each call while it is idle; `sql` takes the others
 */
export function ledgerCalls(
  { sql, steady }: { sql: Sql; steady: Sql },
  instance: Instance,
  gates: BatchGates,
  deadline: WithDeadline | number,
): LedgerCalls {
  let isSteadyFree = true;

  async function call(items: Item[]): Promise<Result[]> {
    if (!isSteadyFree) return callBy(sql, items);
    isSteadyFree = false;
    try {
      return await callBy(steady, items);
    } finally {
      // When the call ends, not at its deadline: no call must queue behind a frozen connection.
      isSteadyFree = true;
    }
  }

  async function callBy(sql: Sql, items: Item[]): Promise<Result[]> {
    const requests = items.flatMap((item) => (item.kind === "hold" ? [item.request] : []));
    const settlements = items.flatMap((item) => (item.kind === "settle" ? [item.settlement] : []));
    const { verdicts: first, settled } = await query(sql, requests, settlements);
    let rows = first;
    if (rows === null && requests.length > 0) {
      // The first hold of this process, or the process was frozen for longer than its lease.
      await heartbeat(sql, instance);
      rows = (await query(sql, requests, [])).verdicts;
    }
    const verdicts = verdictsOf(requests, rows ?? []).values();
    const outcomes = (await outcomesOf(sql, settlements, settled)).values();
    return items.map((item) => {
      const { value } = item.kind === "hold" ? verdicts.next() : outcomes.next();
      if (value === undefined) throw new Error("The database did not return a result for every item.");
      return value;
    });
  }

  async function query(sql: Sql, requests: HoldRequest[], settlements: Settlement[]): Promise<Answer> {
    const items = storableJson(settlements.map(settleItem));
    if (requests.length === 0) {
      const [row] = await sql<{ settled: string[] | null }[]>`
        SELECT tollgate_settle_v1(${items}::text::jsonb) AS settled`;
      return { verdicts: [], settled: only(row).settled };
    }
    // One JSON value instead of one row per item, since parsing rows is the client's largest cost. And whole statements
    // instead of one with a variable part, which the client would assemble on every call.
    if (settlements.length === 0) {
      return { verdicts: await askHolds(sql, requests, instance), settled: null };
    }
    const hold = holdArguments(requests);
    const counters = new Set(settlements.flatMap(({ counterIds }) => counterIds ?? []));
    const [row] = await sql<{ batch: Answer }[]>`
      SELECT tollgate_batch_v1(
        ${items}::text::jsonb, ${`{${[...counters].join()}}`}::text::bigint[],
        ${hold.ids}::text::uuid[], ${hold.payerOf}::text::integer[], ${hold.routing}::text::bigint[],
        ${hold.holds}::text::numeric[], ${hold.floors}::text::numeric[], ${hold.rows}::text::jsonb,
        ${hold.payers}::text::jsonb, ${hold.scopes}::text::uuid[], ${hold.types}::text::scope_type[],
        ${hold.periods}::text::period[], ${instance.id}::uuid, ${hold.oldest}::uuid) AS batch`;
    return only(row).batch;
  }

  async function outcomesOf(
    sql: Sql,
    settlements: Settlement[],
    settled: string[] | null,
  ): Promise<SettleOutcome[]> {
    if (settled === null) return settlements.map(({ status }) => status);
    const done = new Set(settled);
    const late = await settleLate(
      sql,
      settlements.filter(({ hold }) => !done.has(hold.id)),
    );
    return settlements.map(({ hold, status }) =>
      done.has(hold.id) ? status : (late.get(hold.id) ?? "unknown"),
    );
  }

  /** Settles rows that are not held: ended already, swept, or lost with the hold. */
  async function settleLate(sql: Sql, settlements: Settlement[]): Promise<Map<string, SettleOutcome>> {
    const items = storableJson(settlements.map(wholeItem));
    const [row] = await sql<{ outcomes: [string, SettleOutcome][] | null }[]>`
      SELECT tollgate_settle_late_v1(${items}::text::jsonb) AS outcomes`;
    return new Map(row?.outcomes);
  }

  const send = tenantLanes({
    run: (items: Item[]) => runBatch(items, call, deadline),
    maxBatch: MAX_ITEMS,
    gates,
    tenantOf: (item) => (item.kind === "hold" ? item.request : item.settlement.hold).payer.organizationId,
  });
  return {
    hold: (request) => send({ kind: "hold", request }).then(asVerdict),
    settle: (settlement) => send({ kind: "settle", settlement }).then(asOutcome),
  };
}

async function askHolds(
  sql: Sql | TransactionSql,
  requests: readonly HoldRequest[],
  instance: Instance,
): Promise<VerdictRow[] | null> {
  const hold = holdArguments(requests);
  const [row] = await sql<{ verdicts: VerdictRow[] | null }[]>`
    SELECT tollgate_hold_v1(
      ${hold.ids}::text::uuid[], ${hold.payerOf}::text::integer[], ${hold.routing}::text::bigint[],
      ${hold.holds}::text::numeric[], ${hold.floors}::text::numeric[], ${hold.rows}::text::jsonb,
      ${hold.payers}::text::jsonb, ${hold.scopes}::text::uuid[], ${hold.types}::text::scope_type[],
      ${hold.periods}::text::period[], ${instance.id}::uuid, ${hold.oldest}::uuid) AS verdicts`;
  return only(row).verdicts;
}

/**
 * The verdict that a hold would get now: it is placed in a transaction that is rolled back.
 * @throws errors of the database
 */
export async function verdictNow(sql: Sql, instance: Instance, request: HoldRequest): Promise<HoldVerdict> {
  await heartbeat(sql, instance);
  let rows: VerdictRow[] = [];
  const rolledBack = new Error("rolled back");
  await sql
    .begin(async (transaction) => {
      rows = (await askHolds(transaction, [request], instance)) ?? [];
      throw rolledBack;
    })
    .catch((error: unknown) => {
      if (error !== rolledBack) throw error;
    });
  const [verdict] = verdictsOf([request], rows);
  if (verdict === undefined) throw new Error("The database did not return a verdict.");
  return verdict;
}

function asVerdict(result: Result): HoldVerdict {
  if (typeof result === "string") throw new Error("A hold got a settlement's result.");
  return result;
}

function asOutcome(result: Result): SettleOutcome {
  if (typeof result !== "string") throw new Error("A settlement got a hold's result.");
  return result;
}

/** A function's only row. A missing row must not read as null, which means that every item has succeeded. */
function only<T>(row: T | undefined): T {
  if (row === undefined) throw new Error("The database returned no row.");
  return row;
}
