import { runBatch, type Within } from "#lib/credit/batching/run-batch";
import { byTenant, type Turns } from "#lib/credit/batching/tenant-lanes";
import type { Sql } from "#lib/db/client";
import { type HoldRequest, type HoldVerdict, holdArguments, type JudgedItem, verdictsOf } from "./hold";
import { heartbeat, type Instance } from "./instance";
import { endingItem, type Settlement, type SettleOutcome, wholeItem } from "./settle";

/** The hot way to the ledger. What is sent at the same time, of either kind, shares a call and a commit. */
export type LedgerCalls = {
  /** @throws DatabaseUnavailable when the database does not answer, or keeps a row locked for seconds */
  judge: (request: HoldRequest) => Promise<HoldVerdict>;
  /** @throws DatabaseUnavailable, as above */
  keep: (settlement: Settlement) => Promise<SettleOutcome>;
};

type Item = { kind: "hold"; request: HoldRequest } | { kind: "ending"; settlement: Settlement };
type Answer = HoldVerdict | SettleOutcome;
/** `verdicts`: null when this process must renew its lease first. `settled`: null when every row has ended. */
type Answered = { verdicts: JudgedItem[] | null; settled: string[] | null };

const MOST_ITEMS = 256;

/**
 * Makes the calls of one process. Sending the same item again is safe: it answers what it answered before.
 * @param steady takes each call while it has none under way; the others go by `sql`
 */
export function ledgerCalls(
  { sql, steady }: { sql: Sql; steady: Sql },
  instance: Instance,
  turns: Turns,
  deadline: Within | number,
): LedgerCalls {
  let isSteadyFree = true;

  async function call(items: Item[]): Promise<Answer[]> {
    if (!isSteadyFree) return callBy(sql, items);
    isSteadyFree = false;
    try {
      return await callBy(steady, items);
    } finally {
      // Not when the caller's patience ends: a frozen connection keeps nobody waiting behind it.
      isSteadyFree = true;
    }
  }

  async function callBy(sql: Sql, items: Item[]): Promise<Answer[]> {
    const requests = items.flatMap((item) => (item.kind === "hold" ? [item.request] : []));
    const settlements = items.flatMap((item) => (item.kind === "ending" ? [item.settlement] : []));
    const first = await ask(sql, requests, settlements);
    let judged = first.verdicts;
    if (judged === null && requests.length > 0) {
      // The first hold of this process, or the process was frozen for longer than its lease.
      await heartbeat(sql, instance);
      judged = (await ask(sql, requests, [])).verdicts;
    }
    const verdicts = verdictsOf(requests, judged ?? []).values();
    const outcomes = (await outcomesOf(sql, settlements, first.settled)).values();
    return items.map((item) => {
      const { value } = item.kind === "hold" ? verdicts.next() : outcomes.next();
      if (value === undefined) throw new Error("the database did not answer for every item");
      return value;
    });
  }

  async function ask(sql: Sql, requests: HoldRequest[], settlements: Settlement[]): Promise<Answered> {
    const endings = JSON.stringify(settlements.map(endingItem));
    if (requests.length === 0) {
      const [answer] = await sql<{ settled: string[] | null }[]>`
        SELECT tollgate_settle_v1(${endings}::text::jsonb) AS settled`;
      return { verdicts: [], settled: answered(answer).settled };
    }
    const hold = holdArguments(requests);
    // One JSON value rather than a row an item: reading rows is what costs the client most. And whole statements
    // rather than one with a part that changes, which the client would put together each time.
    if (settlements.length === 0) {
      const [answer] = await sql<{ verdicts: JudgedItem[] | null }[]>`
        SELECT tollgate_hold_v1(
          ${hold.ids}::text::uuid[], ${hold.payerOf}::text::integer[], ${hold.routing}::text::bigint[],
          ${hold.holds}::text::numeric[], ${hold.floors}::text::numeric[], ${hold.rows}::text::jsonb,
          ${hold.payers}::text::jsonb, ${hold.scopes}::text::uuid[], ${hold.types}::text::scope_type[],
          ${hold.periods}::text::period[], ${instance.id}::uuid, ${hold.oldest}::uuid) AS verdicts`;
      return { verdicts: answered(answer).verdicts, settled: null };
    }
    const counters = new Set(settlements.flatMap(({ counterIds }) => counterIds ?? []));
    const [answer] = await sql<{ batch: Answered }[]>`
      SELECT tollgate_batch_v1(
        ${endings}::text::jsonb, ${`{${[...counters].join()}}`}::text::bigint[],
        ${hold.ids}::text::uuid[], ${hold.payerOf}::text::integer[], ${hold.routing}::text::bigint[],
        ${hold.holds}::text::numeric[], ${hold.floors}::text::numeric[], ${hold.rows}::text::jsonb,
        ${hold.payers}::text::jsonb, ${hold.scopes}::text::uuid[], ${hold.types}::text::scope_type[],
        ${hold.periods}::text::period[], ${instance.id}::uuid, ${hold.oldest}::uuid) AS batch`;
    return answered(answer).batch;
  }

  async function outcomesOf(
    sql: Sql,
    settlements: Settlement[],
    settled: string[] | null,
  ): Promise<SettleOutcome[]> {
    if (settled === null) return settlements.map(({ status }) => status);
    const kept = new Set(settled);
    const late = await settleLate(
      sql,
      settlements.filter(({ hold }) => !kept.has(hold.id)),
    );
    return settlements.map(({ hold, status }) =>
      kept.has(hold.id) ? status : (late.get(hold.id) ?? "unknown"),
    );
  }

  /** For rows that are not held: ended already, swept, or lost with the hold. */
  async function settleLate(sql: Sql, settlements: Settlement[]): Promise<Map<string, SettleOutcome>> {
    const items = JSON.stringify(settlements.map(wholeItem));
    const [answer] = await sql<{ outcomes: [string, SettleOutcome][] | null }[]>`
      SELECT tollgate_settle_late_v1(${items}::text::jsonb) AS outcomes`;
    return new Map(answer?.outcomes);
  }

  const send = byTenant({
    run: (items: Item[]) => runBatch(items, call, deadline),
    maxBatch: MOST_ITEMS,
    turns,
    tenantOf: (item) => (item.kind === "hold" ? item.request : item.settlement.hold).payer.organizationId,
  });
  return {
    judge: (request) => send({ kind: "hold", request }).then(asVerdict),
    keep: (settlement) => send({ kind: "ending", settlement }).then(asOutcome),
  };
}

function asVerdict(answer: Answer): HoldVerdict {
  if (typeof answer === "string") throw new Error("a hold was answered as a settlement");
  return answer;
}

function asOutcome(answer: Answer): SettleOutcome {
  if (typeof answer !== "string") throw new Error("a settlement was answered as a hold");
  return answer;
}

/** A function's one row: nothing must never pass for "all of them". */
function answered<T>(row: T | undefined): T {
  if (row === undefined) throw new Error("the database answered nothing");
  return row;
}
