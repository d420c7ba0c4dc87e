import { setTimeout as sleep } from "node:timers/promises";
import { formatUsd, type PicoUsd } from "#lib/credit/money";
import { metersOf, type Usage } from "#lib/credit/prices/meters";
import type { LedgerAttempt } from "#lib/db/schema/credit";
import type { HoldRequest } from "./hold";
import type { Instance } from "./instance";
import { ownersOf } from "./owners";

/** How a request ended. With its hold, this is everything its ledger row needs. */
export type Settlement = {
  hold: HoldRequest;
  /** Null when the hold's answer never arrived: the settlement then inserts the row. */
  counterIds: readonly number[] | null;
  createdAt: string | null;
  /** `released`: a definitive error that no provider bills. */
  status: "settled" | "released";
  costPicoUsd: PicoUsd;
  usage: Usage;
  usageSource: "provider" | "estimated";
  providerName: string;
  upstreamModel: string;
  priceVersionId: string;
  httpStatus: number;
  errorCode: string | null;
  latencyMs: number;
  ttftMs: number | null;
  /** What the client offered and the request left out. */
  dropped: readonly string[];
  /** What the provider says that the answer has cost; null if it does not say. */
  providerCostPicoUsd: PicoUsd | null;
  /** From the request's arrival until it was first sent to a provider; null if it never was. */
  dispatchedMs: number | null;
  /** What was tried; null if it was one target, which answered. */
  attempts: readonly LedgerAttempt[] | null;
};

/** What is known of a request that was not sent, or of which nothing else is known. */
export const UNSENT = { dropped: [], providerCostPicoUsd: null, dispatchedMs: null, attempts: null } as const;

export type SettleOutcome =
  | "settled"
  | "released"
  | "already_settled"
  | "already_released"
  | "already_swept"
  | "unknown";

export type Settler = {
  /** Resolves when the ledger has it, however long the database is unavailable; never rejects. */
  settle: (settlement: Settlement) => Promise<SettleOutcome>;
  /** Resolves when every settlement is in the ledger. */
  idle: () => Promise<void>;
  /** The settlements that are not in the ledger yet. */
  unsettled: () => Settlement[];
};

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

/**
 * Creates the settler: it resends a settlement that fails (with the same id, so it counts once) until the database has it.
 * @param untilRetry waits before the next attempt: for the delay, or until the database is available again
 */
export function settler(
  settle: (settlement: Settlement) => Promise<SettleOutcome>,
  instance: Instance,
  onRetry: (error: unknown, requestId: string) => void,
  untilRetry: (delayMs: number) => Promise<void> = sleep,
): Settler {
  const open = new Set<Settlement>();
  const waitingForIdle: (() => void)[] = [];

  async function settleUntilDone(settlement: Settlement): Promise<SettleOutcome> {
    open.add(settlement);
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, MAX_RETRY_MS)) {
      try {
        const outcome = await settle(settlement);
        open.delete(settlement);
        instance.open.delete(settlement.hold.id);
        if (open.size === 0) for (const resolve of waitingForIdle.splice(0)) resolve();
        return outcome;
      } catch (error) {
        onRetry(error, settlement.hold.id);
        await untilRetry(delayMs);
      }
    }
  }

  return {
    settle: settleUntilDone,
    idle: () => new Promise((resolve) => (open.size === 0 ? resolve() : waitingForIdle.push(resolve))),
    unsettled: () => [...open],
  };
}

/** A settlement with its whole row, for a hold that the database may have lost. */
export const wholeItem = (settlement: Settlement) => ({ ...settleItem(settlement), ...toRow(settlement) });

/** A settlement of a held row. */
export function settleItem(settlement: Settlement) {
  const { hold, usage } = settlement;
  return {
    id: hold.id,
    status: settlement.status,
    cost: formatUsd(settlement.costPicoUsd),
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cached_tokens: usage.cachedTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
    meters: metersOf(usage),
    usage_source: settlement.usageSource,
    provider: settlement.providerName,
    upstream_model: settlement.upstreamModel,
    price: settlement.priceVersionId,
    http_status: settlement.httpStatus,
    error_code: settlement.errorCode,
    latency_ms: settlement.latencyMs,
    ttft_ms: settlement.ttftMs,
    dropped: settlement.dropped.length === 0 ? null : settlement.dropped,
    provider_cost: settlement.providerCostPicoUsd === null ? null : formatUsd(settlement.providerCostPicoUsd),
    dispatched_ms: settlement.dispatchedMs,
    attempts: settlement.attempts,
  };
}

/** The columns that the hold would have written. */
function toRow({ hold, createdAt, counterIds }: Settlement) {
  const { payer } = hold;
  return {
    created_at: createdAt,
    ...ownersOf(payer),
    endpoint: hold.endpoint,
    model: hold.model,
    stream: hold.stream,
    tags: hold.tags,
    client_request_id: hold.clientRequestId,
    session_id: hold.sessionId,
    counter_ids: counterIds,
  };
}
