import { join, resolve } from "node:path";
import { secretHash } from "#lib/auth/hashing-secrets";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { heartbeat } from "#lib/credit/ledger/instance";
import { hotDatabase } from "#lib/db/client";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { countWithoutClient, progressOf } from "#lib/gateway/ports/in-flight";
import { rateLimiter } from "#lib/limits/process-limiter";
import { log } from "#lib/observability/log";
import { createGateway } from "./create-gateway";

/** How often a process sends heartbeats, and how long each one's lease lasts. */
type Pulse = { leaseSeconds: number; everyMs: number };

/** Three heartbeats may fail before another replica sweeps the holds of this process. */
const PULSE: Pulse = { leaseSeconds: 60, everyMs: 15_000 };

/** A copy for this bundle, which spares every request the look-up on `globalThis`. */
let cached: Gateway | undefined;

/**
 * The process's gateway, shared by both mounts. The first call creates it and starts its heartbeats.
 * @param pulse used by the first call only
 */
export function gateway(pulse = PULSE): Gateway {
  cached ??= oncePerProcess("gateway", () => {
    const { VERCEL, DATA_DIR } = config();
    const journalDirectory = VERCEL ? null : join(resolve(/*turbopackIgnore: true*/ DATA_DIR), "journal");
    const settings = { ...config(), leaseSeconds: pulse.leaseSeconds, hashSecret: secretHash() };
    const created = createGateway(hotDatabase(), settings, journalDirectory, rateLimiter());
    if (created.failOpen !== null) failOpenState().canServe = created.callers.hasFailOpenCallers;
    startHeartbeats(created, pulse.everyMs);
    shareBreakers(created);
    return created;
  });
  return cached;
}

/** Sends a heartbeat now, at every interval, and as soon as the database is available again. */
function startHeartbeats({ sql, watch, instance, inFlight, failOpen }: Gateway, everyMs: number): void {
  const beat = () => {
    const progress = progressOf(inFlight, everyMs);
    failOpen?.noteProgress(progress);
    void watch
      .within(() => heartbeat(sql, instance, progress), everyMs)
      .catch((error) => log.warn({ err: error }, "the heartbeat failed"));
  };
  setInterval(() => {
    beat();
    void failOpen?.replay();
  }, everyMs).unref();
  watch.onAvailable(beat);
  // At once: without Redis, the replicas divide rate limits by the number of those alive.
  beat();
  void failOpen?.replay();
}

/** How soon a process knows of a target that another has found down, without a request of its own. */
const BREAKERS_EVERY_MS = 1_000;

function shareBreakers({ breakers }: Gateway): void {
  setInterval(() => void breakers.sync(BREAKERS_EVERY_MS), BREAKERS_EVERY_MS).unref();
}

/** How many requests are in flight whose clients are gone. */
export const requestsWithoutClient = (): number => countWithoutClient(gateway().inFlight);
