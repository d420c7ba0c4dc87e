import { z } from "zod";
import { runBatch, type WithDeadline } from "#lib/credit/batching/run-batch";
import { type BatchGates, tenantLanes } from "#lib/credit/batching/tenant-lanes";
import type { HoldRequest } from "#lib/credit/ledger/hold";
import { type Settlement, UNSENT, wholeItem } from "#lib/credit/ledger/settle";
import { formatUsd } from "#lib/credit/money";
import { NO_USAGE } from "#lib/credit/prices/meters";

import type { Sql } from "#lib/db/client";
import { storableJson } from "#lib/db/storable-json";

/**
 * What to write to the ledger about a request, as tollgate_replay_v1 takes it. Each item is complete, so that a journal's
 * lines can be replayed in any order and any number of times.
 */
export type ReplayItem = z.output<typeof ReplayItem>;

/** Checked when it is read from disk; the database checks the rest. */
export const ReplayItem = z.looseObject({ id: z.uuid(), status: z.enum(["settled", "released", "swept"]) });

/**
 * Puts an item into the ledger once, however often it is sent. `too_old`: nothing was done, since retention may have
 * deleted its row.
 */
export type Replay = (item: ReplayItem) => Promise<"replayed" | "too_old">;

/** The item of an ended request that was admitted without the database. */
export const endedItem = (settlement: Settlement): ReplayItem => ({
  ...wholeItem(settlement),
  ...admissionOf(settlement.hold),
});

/** The item of a settlement whose hold the database has or may have. */
export const settledItem = (settlement: Settlement): ReplayItem => ({
  ...wholeItem(settlement),
  fail_open: false,
});

/** The item of an open request that was admitted without the database, in case its process dies. */
export function sweptItem(hold: HoldRequest, createdAt: string): ReplayItem {
  const ending: Settlement = {
    hold,
    counterIds: null,
    createdAt,
    status: "settled",
    costPicoUsd: hold.ifSweptPicoUsd,
    usage: { ...NO_USAGE, inputTokens: hold.ifSweptInputTokens, outputTokens: hold.ifSweptOutputTokens },
    usageSource: "estimated",
    providerName: hold.providerName,
    upstreamModel: hold.upstreamModel,
    priceVersionId: hold.priceVersionId,
    httpStatus: 500,
    errorCode: "gateway_died",
    latencyMs: 0,
    ttftMs: null,
    ...UNSENT,
  };
  return { ...wholeItem(ending), ...admissionOf(hold), status: "swept", latency_ms: null };
}

/** What the hold would have written, and the budget periods in case a scope is deleted. */
function admissionOf({ payer, holdPicoUsd }: HoldRequest) {
  return {
    fail_open: true,
    hold: formatUsd(holdPicoUsd),
    po: payer.organizationPeriod,
    pu: payer.userPeriod,
    pk: payer.apiKeyPeriod,
    pa: payer.appPeriod,
  };
}

/**
 * Creates the function that puts journalled requests into the ledger; concurrent ones share a call.
 * @throws DatabaseUnavailable (from the returned function) when the database does not answer
 */
export function replayer(sql: Sql, gates: BatchGates, deadline: WithDeadline | number): Replay {
  const call = async (items: ReplayItem[]): Promise<("replayed" | "too_old")[]> => {
    const [answer] = await sql<{ rejected: string[] | null }[]>`
      SELECT tollgate_replay_v1(${storableJson(items)}::text::jsonb) AS rejected`;
    const rejected = new Set(answer?.rejected);
    return items.map(({ id }) => (rejected.has(id) ? "too_old" : "replayed"));
  };
  const run = (items: ReplayItem[]) => runBatch(items, call, deadline);
  return tenantLanes({ run, maxBatch: 100, gates, tenantOf: ({ org }) => String(org) });
}
