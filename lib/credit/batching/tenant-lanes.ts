import { DatabaseUnavailable } from "#lib/db/unavailable";
import { gather, type Outcome, type Turnstile, turnstile } from "./batch-calls";
import { isLocked } from "./run-batch";

/** The ways of a process to the database; all that contend for the same rows share them. */
export type Turns = {
  /** For everybody's batches. */
  shared: Turnstile;
  /** For those whose rows somebody has locked. */
  apart: Turnstile;
};

/** Together no more than the client has connections. */
export const databaseTurns = (): Turns => ({
  shared: turnstile({ maxJobs: 4, patienceMs: 25 }),
  apart: turnstile({ maxJobs: 2, patienceMs: 25 }),
});

export type ByTenantOptions<I, O> = {
  /** Carries out a batch; answers one outcome an item, in order. Never rejects. */
  run: (items: I[]) => Promise<Outcome<O>[]>;
  maxBatch: number;
  turns: Turns;
  /** Whose rows an item needs. */
  tenantOf: (item: I) => string;
  /** How long an item is tried again whose rows are locked. */
  patienceMs?: number;
};

type Lane<I, O> = { send: (item: I) => Promise<O>; items: number; isBlocked: boolean };

/** Longer than anybody should hold a lock on a counter. */
const PATIENCE_MS = 5_000;

/**
 * Gathers concurrent calls into batches (gather.ts). Where a batch has waited for a lock in vain, its tenants
 * go on by themselves, each until nothing of it is locked any more: so one tenant's locked row holds up
 * nobody else for longer than one such wait, and the tenant itself is served as soon as the lock is gone.
 * @throws DatabaseUnavailable (from the returned function) when a row has stayed locked, or as `run` says
 */
export function byTenant<I, O>(options: ByTenantOptions<I, O>): (item: I) => Promise<O> {
  const { run, maxBatch, turns, tenantOf, patienceMs = PATIENCE_MS } = options;
  const sendShared = gather({ run, maxBatch, turn: turns.shared });
  const lanes = new Map<string, Lane<I, O>>();

  async function sendApart(tenant: string, item: I, before: DatabaseUnavailable | null): Promise<O> {
    const lane = lanes.get(tenant) ?? {
      send: gather({ run, maxBatch, turn: turns.apart }),
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
    if (lanes.get(tenant)?.isBlocked) return sendApart(tenant, item, null);
    return sendShared(item).catch((error) => {
      if (!isLocked(error)) throw error;
      return sendApart(tenant, item, error);
    });
  };
}
