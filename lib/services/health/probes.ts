import { isDraining } from "#lib/config/drain-state";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { controlDb, type Db } from "#lib/db/client";
import { databaseHealth } from "./database-health";

/** The response to a probe. */
export type Probe = { status: number; body: { status: string } };

/** Checks nothing but the process itself, since a restart would fix nothing else. */
export const liveness = (): Probe => ({ status: 200, body: { status: "alive" } });

/** Whether a load balancer may send requests here: 503 unless `canServe`. */
export async function readiness(db: () => Db = controlDb): Promise<Probe> {
  return (await canServe(db))
    ? { status: 200, body: { status: "ready" } }
    : { status: 503, body: { status: "unavailable" } };
}

/**
 * Whether requests can be served now: not draining, and the database answers or some organizations fail open. If
 * every replica left the load balancer while the database is down, those would have no replica.
 */
export async function canServe(db: () => Db = controlDb): Promise<boolean> {
  return !isDraining() && ((await databaseHealth(db)).healthy || failOpenState().canServe());
}
