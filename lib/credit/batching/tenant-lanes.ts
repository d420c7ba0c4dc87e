import { DatabaseUnavailable } from "#lib/db/unavailable";
import { type BatchCallsOptions, batchCalls } from "./batch-calls";
import { type BatchGate, batchGate } from "./batch-gate";
import { isLocked } from "./run-batch";

/** A process's gates to the database, shared by all calls that contend for the same rows. */
export type BatchGates = {
  /** For all tenants together. */
  shared: BatchGate;
  /** For tenants whose rows are locked. */
  locked: BatchGate;
};

/** Together they run no more jobs than the client has connections. */
export const databaseGates = (): BatchGates => ({
  shared: batchGate({ maxJobs: 4, patienceMs: 25 }),
  locked: batchGate({ maxJobs: 2, patienceMs: 25 }),
});

export type TenantLanesOptions<I, O> = Omit<BatchCallsOptions<I, O>, "gate"> & {
  gates: BatchGates;
  /** Whose rows an item needs. */
  tenantOf: (item: I) => string;
  /** How long to retry an item whose rows are locked. */
  patienceMs?: number;
};

type Lane<I, O> = { send: (item: I) => Promise<O>; items: number; isBlocked: boolean };

/** Longer than any transaction should lock a counter. */
const PATIENCE_MS = 5_000;

/**
 * Combines concurrent calls into batches. When a batch times out on a lock, each of its tenants gets a lane of its own
 * until nothing of it is locked. So a locked row delays other tenants by one lock timeout at most, and its own
 * tenant is served as soon as the lock is released.
 * @throws DatabaseUnavailable (from the returned function) when a row stays locked, or as `run` says
 */
export function tenantLanes<I, O>(options: TenantLanesOptions<I, O>): (item: I) => Promise<O> {
  const { run, maxBatch, gates, tenantOf, patienceMs = PATIENCE_MS } = options;
  const sendShared = batchCalls({ run, maxBatch, gate: gates.shared });
  const lanes = new Map<string, Lane<I, O>>();

  async function sendInLane(tenant: string, item: I, before: DatabaseUnavailable | null): Promise<O> {
    const lane = lanes.get(tenant) ?? {
      send: batchCalls({ run, maxBatch, gate: gates.locked }),
      items: 0,
      isBlocked: true,
    };
    lanes.set(tenant, lane);
    lane.items += 1;
    const giveUpAtMs = performance.now() + patienceMs;
    let maybeDone = before?.maybeDone ?? false;
    try {
      for (;;) {
        try {
          const value = await lane.send(item);
          lane.isBlocked = false;
          return value;
        } catch (error) {
          if (!isLocked(error)) throw error;
          lane.isBlocked = true;
          maybeDone ||= error.maybeDone;
          if (performance.now() >= giveUpAtMs) {
            throw new DatabaseUnavailable(error.message, maybeDone, { cause: error.cause });
          }
        }
      }
    } finally {
      lane.items -= 1;
      if (lane.items === 0) lanes.delete(tenant);
    }
  }

  return (item) => {
    const tenant = tenantOf(item);
    if (lanes.get(tenant)?.isBlocked) return sendInLane(tenant, item, null);
    return sendShared(item).catch((error) => {
      if (!isLocked(error)) throw error;
      return sendInLane(tenant, item, error);
    });
  };
}
