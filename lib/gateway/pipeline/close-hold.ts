import type { PicoUsd } from "#lib/credit/money";
import { costPicoUsd } from "#lib/credit/prices/price";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Route } from "#lib/gateway/routing/routing";
import { estimatedUsage } from "#lib/gateway/sizing/estimate";
import { logRequest } from "#lib/observability/log";
import type { ReportedUsage } from "#lib/providers/usage";
import type { Admission } from "./admit";

/** How a request ended. */
export type Ending = {
  route: Route;
  /** What the answering provider reported, or an estimate; null: nobody bills this. */
  usage: ReportedUsage | null;
  usageSource: "provider" | "estimated";
  /** What earlier attempts at other targets may have been billed. */
  earlierPicoUsd: PicoUsd;
  httpStatus: number;
  errorCode: string | null;
  ttftMs: number | null;
};

/** A client waits this long for the ledger when the database is away; the settlement goes on after. */
const PATIENCE_MS = 10_000;

const NO_USAGE = estimatedUsage(0, 0);

/**
 * Ends a hold and completes its ledger row. Resolves when the ledger has it, so that what a client has
 * seen whole is in the ledger (in the journal, for what was admitted while the database is away).
 * @returns what the request cost
 */
export async function closeHold(gateway: Gateway, admission: Admission, ending: Ending): Promise<PicoUsd> {
  const { route, usage } = ending;
  const ownPicoUsd = usage === null ? 0n : costPicoUsd(usage, route.rates);
  const costTotalPicoUsd = ownPicoUsd + ending.earlierPicoUsd;
  const latencyMs = Math.round(performance.now() - admission.receivedAtMs);
  gateway.inFlight.get(admission.hold.id)?.departure.forget();
  gateway.inFlight.delete(admission.hold.id);
  const keeper = admission.failOpen && gateway.failOpen ? gateway.failOpen : gateway.settler;
  const settled = keeper.settle({
    hold: admission.hold,
    counterIds: admission.counterIds,
    createdAt: admission.createdAt,
    status: costTotalPicoUsd === 0n && usage === null ? "released" : "settled",
    costPicoUsd: costTotalPicoUsd,
    usage: usage ?? NO_USAGE,
    usageSource: ending.usageSource,
    providerName: route.target.providerName,
    upstreamModel: route.target.upstreamModel,
    priceVersionId: route.priceVersionId,
    httpStatus: ending.httpStatus,
    errorCode: ending.errorCode,
    latencyMs,
    ttftMs: ending.ttftMs,
  });
  logRequest({
    requestId: admission.hold.id,
    model: admission.model.name,
    provider: route.target.providerName,
    status: ending.httpStatus,
    code: ending.errorCode,
    latencyMs,
  });
  // At the same time as the ledger, and it is never long.
  const corrected = admission.rates?.correct(usage === null ? 0 : usage.inputTokens + usage.outputTokens);
  await within(PATIENCE_MS, settled);
  if (corrected) await corrected;
  return costTotalPicoUsd;
}

function within(patienceMs: number, settled: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const tooLong = setTimeout(resolve, patienceMs);
    void settled.then(() => {
      clearTimeout(tooLong);
      resolve();
    });
  });
}
