import { isDraining } from "#lib/config/drain-state";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { controlDb, type Db } from "#lib/db/client";
import { databaseHealth } from "./database-health";

/** What a probe is answered. */
export type Probe = { status: number; body: { status: string } };

/** The process answers; nothing else is asked, since restarting it would mend nothing else. */
export const liveness = (): Probe => ({ status: 200, body: { status: "alive" } });

/** Whether a load balancer may send requests here: 503 where `canServe` says no. */
export async function readiness(db: () => Db = controlDb): Promise<Probe> {
  return (await canServe(db))
    ? { status: 200, body: { status: "ready" } }
    : { status: 503, body: { status: "unavailable" } };
}

/**
 * Whether requests can be served now: not in a drain, and the database answers, or some may go on without it.
 * A load balancer that took every replica out while it is away would leave those nowhere to go.
 */
export async function canServe(db: () => Db = controlDb): Promise<boolean> {
  return !isDraining() && ((await databaseHealth(db)).healthy || failOpenState().canServe());
}
