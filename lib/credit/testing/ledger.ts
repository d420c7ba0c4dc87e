import { randomUUID } from "node:crypto";
import { afterAll } from "vitest";
import { databaseGates } from "#lib/credit/batching/tenant-lanes";
import { type HoldRequest, holdPlacer } from "#lib/credit/ledger/hold";
import { newInstance } from "#lib/credit/ledger/instance";
import { ledgerCalls } from "#lib/credit/ledger/ledger-calls";
import { type Settlement, settler, UNSENT } from "#lib/credit/ledger/settle";
import { parseUsd } from "#lib/credit/money";
import { NO_USAGE } from "#lib/credit/prices/meters";

import { uuidv7 } from "#lib/credit/request-id";
import type { Sql } from "#lib/db/client";
import type { TestPayer } from "#lib/db/testing/tenant";
import { createTestDatabase } from "#lib/db/testing/test-database";

/** Creates a database with a process that holds and settles in it, and queries for tests. */
export async function createLedger() {
  const database = await createTestDatabase();
  const { sql } = database;
  const process = (deadlineMs = 5_000) => newProcess(sql, deadlineMs);
  const { instance, placeHold, settlements } = process();

  /** Places the hold and returns the settlement that its process would send. */
  async function heldAnd(request: HoldRequest, costUsd: string, place = placeHold): Promise<Settlement> {
    const verdict = await place(request);
    if (!verdict.granted) throw new Error(`not granted: ${verdict.reason}`);
    return { ...aSettlement(request, costUsd), counterIds: verdict.counterIds, createdAt: verdict.createdAt };
  }

  async function ledgerRow(id: string) {
    const [row] = await sql`SELECT * FROM ledger WHERE id = ${id}`;
    return row;
  }

  async function countersOf(payer: TestPayer) {
    const rows = await sql<{ scope_type: string; spent: string; held: string; open: number }[]>`
      SELECT scope_type, trim_scale(spent_usd)::text AS spent, trim_scale(held_usd)::text AS held, open_holds AS open
      FROM counters
      WHERE scope_id IN (${payer.organizationId}, ${payer.userId}, ${payer.apiKeyId}) ORDER BY scope_type`;
    return rows.map((row) => ({ ...row }));
  }

  async function rollupOf(payer: TestPayer) {
    const [row] = await sql`
      SELECT sum(requests)::text AS requests, sum(errors)::text AS errors, sum(input_tokens)::text AS input_tokens,
        sum(output_tokens)::text AS output_tokens, trim_scale(sum(cost_usd))::text AS cost
      FROM usage_hourly WHERE api_key_id = ${payer.apiKeyId}`;
    return row;
  }

  return {
    sql,
    url: database.url,
    control: database.control,
    drop: database.drop,
    process,
    instance,
    placeHold,
    settlements,
    heldAnd,
    ledgerRow,
    countersOf,
    rollupOf,
  };
}

/** Creates the ledger of a test file and drops it after the tests. */
export async function ledgerOfFile(): Promise<TestLedger> {
  const ledger = await createLedger();
  afterAll(() => ledger.drop());
  return ledger;
}

export type TestLedger = Awaited<ReturnType<typeof createLedger>>;

/** Another process on the same database. */
function newProcess(sql: Sql, deadlineMs: number) {
  const instance = newInstance();
  const calls = ledgerCalls({ sql, steady: sql }, instance, databaseGates(), deadlineMs);
  return {
    instance,
    placeHold: holdPlacer(calls.hold, instance),
    settlements: settler(calls.settle, instance, () => {}),
    /** As if its heartbeats had stopped. */
    expireLease: () =>
      sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true WHERE id = ${instance.id}`,
  };
}

export function aRequest(payer: TestPayer, holdUsd: string): HoldRequest {
  return {
    id: uuidv7(),
    payer,
    routingVersion: 1,
    endpoint: "chat/completions",
    model: "demo",
    providerName: "fake",
    upstreamModel: "demo-1",
    priceVersionId: randomUUID(),
    stream: false,
    tags: payer.tags,
    clientRequestId: null,
    sessionId: null,
    ifSweptInputTokens: 100,
    holdPicoUsd: parseUsd(holdUsd),
    floorPicoUsd: null,
    ifSweptPicoUsd: parseUsd("0.1"),
    ifSweptOutputTokens: 1,
  };
}

export function aSettlement(hold: HoldRequest, costUsd: string): Settlement {
  return {
    hold,
    counterIds: null,
    createdAt: null,
    status: "settled",
    costPicoUsd: parseUsd(costUsd),
    usage: { ...NO_USAGE, inputTokens: 10, cachedTokens: 4, outputTokens: 5, reasoningTokens: 2 },
    usageSource: "provider",
    providerName: "fake",
    upstreamModel: "demo-1",
    priceVersionId: randomUUID(),
    httpStatus: 200,
    errorCode: null,
    latencyMs: 12,
    ttftMs: null,
    ...UNSENT,
  };
}
