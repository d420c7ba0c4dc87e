import type { HoldRequest } from "#lib/credit/ledger/hold";
import { type Settlement, UNSENT } from "#lib/credit/ledger/settle";
import { parseUsd } from "#lib/credit/money";
import { NO_USAGE } from "#lib/credit/prices/meters";
import { uuidv7 } from "#lib/credit/request-id";
import { type HotDatabase, openHotDatabase } from "#lib/db/client";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { createGateway } from "#lib/gateway/runtime/create-gateway";
import { percentile } from "./percentile";
import { INPUT_TOKENS, WHOLE, WHOLE_COST_USD, WHOLE_OUTPUT_TOKENS } from "./scenarios";
import type { TollgateSeed } from "./seed-tollgate";

export type CallTimes = { p50Ms: number; p99Ms: number };
/** `requests`: how many were held and settled, warm-up included. */
export type HoldLatency = { hold: CallTimes; settle: CallTimes; requests: number };

/** The hold of a small request; the amount does not affect the time. */
const HOLD_USD = "0.000145";

/**
 * Measures holds and settlements of a payer with three hard budgets, one after the other: by a gateway created as the
 * servers create theirs, over its own connections to the same PostgreSQL. Times the call that a request makes, so
 * it includes everything before and after the database.
 * @throws when a hold is not granted or a settlement finds no hold
 */
export async function measureHolds(
  { databaseUrl, encryptionKey, budgetedApiKey }: TollgateSeed,
  pace: { warmUpMs: number; measuredMs: number },
): Promise<HoldLatency> {
  const database = openHotDatabase(databaseUrl);
  const gateway = benchGateway(database, encryptionKey);
  try {
    const newHold = await holdsOf(gateway, budgetedApiKey);
    const warmUp = await holdAndSettle(gateway, newHold, pace.warmUpMs);
    const measured = await holdAndSettle(gateway, newHold, pace.measuredMs);
    return {
      hold: timesOf(measured.holdsMs),
      settle: timesOf(measured.settlesMs),
      requests: warmUp.holdsMs.length + measured.holdsMs.length,
    };
  } finally {
    await gateway.limiter.close();
    await database.close(5);
  }
}

/** A gateway as the servers create theirs. */
export const benchGateway = (database: HotDatabase, encryptionKey: string): Gateway =>
  createGateway(database, {
    ENCRYPTION_KEY: encryptionKey,
    REQUEST_TIMEOUT_MS: 10_000,
    MAX_BODY_BYTES: 1024 * 1024,
    BLOCK_PRIVATE_UPSTREAMS: false,
    TRUSTED_PROXIES: [],
  });

/** Creates holds as the gateway's stages do, with the caller and the routing from the database. */
export async function holdsOf(gateway: Gateway, key: string): Promise<() => HoldRequest> {
  const [finding, routing] = [await gateway.callers.find({ kind: "key", key }), await gateway.routing()];
  const route = routing.byName.get(WHOLE)?.all.routes[0];
  if (!finding.found || !route) throw new Error("holds alone: caller or model not found");
  return () =>
    smallHold({
      payer: finding.caller,
      routingVersion: routing.version,
      model: WHOLE,
      providerName: route.target.providerName,
      upstreamModel: route.target.upstreamModel,
      priceVersionId: route.priceVersionId,
    });
}

type Routed = Pick<
  HoldRequest,
  "payer" | "routingVersion" | "model" | "providerName" | "upstreamModel" | "priceVersionId"
>;

/** The hold of a small request. */
export const smallHold = (routed: Routed): HoldRequest => ({
  ...routed,
  id: uuidv7(),
  endpoint: "chat/completions",
  stream: false,
  tags: [],
  clientRequestId: null,
  sessionId: null,
  ifSweptInputTokens: 150,
  holdPicoUsd: parseUsd(HOLD_USD),
  floorPicoUsd: null,
  ifSweptPicoUsd: parseUsd(HOLD_USD),
  ifSweptOutputTokens: 0,
});

async function holdAndSettle(gateway: Gateway, newHold: () => HoldRequest, durationMs: number) {
  const [holdsMs, settlesMs]: [number[], number[]] = [[], []];
  const deadline = performance.now() + durationMs;
  while (performance.now() < deadline) {
    const hold = newHold();
    const startedAt = performance.now();
    const verdict = await gateway.requestHold(hold);
    const grantedAt = performance.now();
    if (!verdict.granted) throw new Error(`holds alone: not granted: ${verdict.reason}`);
    const outcome = await gateway.settler.settle(settlementOf(hold, verdict));
    const settledAt = performance.now();
    if (outcome !== "settled") throw new Error(`holds alone: the settlement was ${outcome}`);
    holdsMs.push(grantedAt - startedAt);
    settlesMs.push(settledAt - grantedAt);
  }
  return { holdsMs, settlesMs };
}

export function settlementOf(
  hold: HoldRequest,
  { counterIds, createdAt }: Pick<Settlement, "counterIds" | "createdAt">,
): Settlement {
  const { providerName, upstreamModel, priceVersionId } = hold;
  return {
    hold,
    counterIds,
    createdAt,
    status: "settled",
    costPicoUsd: parseUsd(WHOLE_COST_USD),
    usage: { ...NO_USAGE, inputTokens: INPUT_TOKENS, outputTokens: WHOLE_OUTPUT_TOKENS },
    usageSource: "provider",
    providerName,
    upstreamModel,
    priceVersionId,
    httpStatus: 200,
    errorCode: null,
    latencyMs: 1,
    ttftMs: null,
    ...UNSENT,
  };
}

function timesOf(valuesMs: number[]): CallTimes {
  valuesMs.sort((a, b) => a - b);
  return { p50Ms: percentile(valuesMs, 0.5), p99Ms: percentile(valuesMs, 0.99) };
}
