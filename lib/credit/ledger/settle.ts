import { setTimeout as sleep } from "node:timers/promises";
import { formatUsd, type PicoUsd } from "#lib/credit/money";
import type { Usage } from "#lib/credit/prices/price";
import type { HoldRequest } from "./hold";
import type { Instance } from "./instance";
import type { LedgerCalls } from "./ledger-calls";

/** How a request ended; with its hold, everything that its ledger row needs. */
export type Settlement = {
  hold: HoldRequest;
  /** Null when the hold's answer never arrived: the row is then made by the settlement. */
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
};

export type SettleOutcome =
  | "settled"
  | "released"
  | "already_settled"
  | "already_released"
  | "already_swept"
  | "unknown";

export type Settler = {
  /** Resolves when the ledger has it, also after the database was away for a while; never rejects. */
  settle: (settlement: Settlement) => Promise<SettleOutcome>;
  /** Resolves when nothing is left to settle. */
  idle: () => Promise<void>;
  /** What the ledger does not have yet. */
  unsettled: () => Settlement[];
};

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Makes the settler: a settlement that fails is sent again (same id, so it counts once) until the
 * database has it.
 * @param untilRetry waits before the next attempt: for so long, or until the database is back
 */
export function settler(
  keep: LedgerCalls["keep"],
  instance: Instance,
  onRetry: (error: unknown, requestId: string) => void,
  untilRetry: (delayMs: number) => Promise<void> = sleep,
): Settler {
  const open = new Set<Settlement>();
  const waitingForIdle: (() => void)[] = [];

  async function sendUntilKept(settlement: Settlement): Promise<SettleOutcome> {
    open.add(settlement);
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_RETRY_MS)) {
      try {
        const outcome = await keep(settlement);
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
    settle: sendUntilKept,
    idle: () => new Promise((resolve) => (open.size === 0 ? resolve() : waitingForIdle.push(resolve))),
    unsettled: () => [...open],
  };
}

/** All that the database needs of a settlement, also where it has no row of it. */
export const wholeItem = (settlement: Settlement) => ({ ...endingItem(settlement), ...toRow(settlement) });

/** What the database needs of a settlement whose row is held. */
export function endingItem(settlement: Settlement) {
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
    usage_source: settlement.usageSource,
    provider: settlement.providerName,
    upstream_model: settlement.upstreamModel,
    price: settlement.priceVersionId,
    http_status: settlement.httpStatus,
    error_code: settlement.errorCode,
    latency_ms: settlement.latencyMs,
    ttft_ms: settlement.ttftMs,
  };
}

/** What a row needs whose hold the database lost. */
function toRow({ hold, createdAt, counterIds }: Settlement) {
  const { payer } = hold;
  return {
    created_at: createdAt,
    org: payer.organizationId,
    usr: payer.userId,
    key: payer.apiKeyId,
    app: payer.appId,
    endpoint: hold.endpoint,
    model: hold.model,
    stream: hold.stream,
    tags: payer.tags,
    client_request_id: hold.clientRequestId,
    counter_ids: counterIds,
  };
}
