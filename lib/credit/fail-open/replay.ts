import { z } from "zod";
import { runBatch, type Within } from "#lib/credit/batching/run-batch";
import { byTenant, type Turns } from "#lib/credit/batching/tenant-lanes";
import type { HoldRequest } from "#lib/credit/ledger/hold";
import { type Settlement, wholeItem } from "#lib/credit/ledger/settle";
import { formatUsd } from "#lib/credit/money";
import type { Sql } from "#lib/db/client";

/**
 * What the ledger is to be told of a request, as tollgate_replay_v1 takes it. It is complete in itself, so that a
 * journal's lines can be replayed in any order and any number of times.
 */
export type ReplayItem = z.output<typeof ReplayItem>;

/** Checked when it is read from disk: the rest is the database's to check. */
export const ReplayItem = z.looseObject({ id: z.uuid(), status: z.enum(["settled", "released", "swept"]) });

/**
 * Puts items into the ledger, each once however often it is sent. `too_old`: retention may have removed its row,
 * which nobody can tell from one that never was; nothing is done.
 */
export type Replay = (item: ReplayItem) => Promise<"replayed" | "too_old">;

/** The item of a request that was admitted without the database, now that it has ended. */
export const endedItem = (settlement: Settlement): ReplayItem => ({
  ...wholeItem(settlement),
  ...admissionOf(settlement.hold),
});

/** The item of a settlement whose hold the database has, or may have. */
export const settledItem = (settlement: Settlement): ReplayItem => ({
  ...wholeItem(settlement),
  fail_open: false,
});

/** The item of a request that was admitted without the database, should its process die before it ends. */
export function sweptItem(hold: HoldRequest, createdAt: string): ReplayItem {
  const ending: Settlement = {
    hold,
    counterIds: null,
    createdAt,
    status: "settled",
    costPicoUsd: hold.ifSweptPicoUsd,
    usage: {
      inputTokens: hold.inputTokenEstimate,
      outputTokens: hold.ifSweptOutputTokens,
      cachedTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      inputAudioTokens: 0,
      outputAudioTokens: 0,
    },
    usageSource: "estimated",
    providerName: hold.providerName,
    upstreamModel: hold.upstreamModel,
    priceVersionId: hold.priceVersionId,
    httpStatus: 500,
    errorCode: "gateway_died",
    latencyMs: 0,
    ttftMs: null,
  };
  return { ...wholeItem(ending), ...admissionOf(hold), status: "swept", latency_ms: null };
}

/** What the hold would have put on the row, and the periods of deleted scopes. */
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
 * Makes the function that puts journalled requests into the ledger; those that are sent together share a call.
 * @throws DatabaseUnavailable (from the returned function) when the database does not answer
 */
export function replayer(sql: Sql, turns: Turns, deadline: Within | number): Replay {
  const call = async (items: ReplayItem[]): Promise<("replayed" | "too_old")[]> => {
    const [answer] = await sql<{ rejected: string[] | null }[]>`
      SELECT tollgate_replay_v1(${JSON.stringify(items)}::text::jsonb) AS rejected`;
    const rejected = new Set(answer?.rejected);
    return items.map(({ id }) => (rejected.has(id) ? "too_old" : "replayed"));
  };
  const run = (items: ReplayItem[]) => runBatch(items, call, deadline);
  return byTenant({ run, maxBatch: 100, turns, tenantOf: ({ org }) => String(org) });
}
