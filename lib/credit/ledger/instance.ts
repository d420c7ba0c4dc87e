import { randomUUID } from "node:crypto";
import { formatUsd, type PicoUsd } from "#lib/credit/money";
import { uuidv7 } from "#lib/credit/request-id";
import type { Sql } from "#lib/db/client";

/** How long a process counts as alive after a heartbeat. */
const LEASE_SECONDS = 60;
/** A request gets its id before its body is read, which may take minutes; its hold comes after that. */
const SLOWEST_HOLD_MS = 600_000;

/** A process that places holds. */
export type Instance = {
  id: string;
  leaseSeconds: number;
  /** The ids of requests that are held, or may be: sent to the database and not settled yet. */
  open: Set<string>;
  pendingHeartbeats: Set<Promise<unknown>>;
  hasEnded: boolean;
};

/** @param leaseSeconds more than the ten seconds that a hold requires to be left; tests shorten it */
export const newInstance = (leaseSeconds = LEASE_SECONDS): Instance => ({
  id: randomUUID(),
  leaseSeconds,
  open: new Set(),
  pendingHeartbeats: new Set(),
  hasEnded: false,
});

/** What a sweep would charge for an open request, given its progress so far. */
export type Progress = { id: string; ifSweptPicoUsd: PicoUsd; ifSweptOutputTokens: number };

/**
 * Renews the process's lease, so that no replica's sweep settles its holds, and records where a sweep must start: before
 * what is open now, and before what may be held while this call is on its way to the database. Does nothing once
 * the process has ended.
 */
export async function heartbeat(
  sql: Sql,
  instance: Instance,
  progress: readonly Progress[] = [],
): Promise<void> {
  if (instance.hasEnded) return;
  const items = JSON.stringify(
    progress.map(({ id, ifSweptPicoUsd, ifSweptOutputTokens }) => ({
      id,
      if_swept: formatUsd(ifSweptPicoUsd),
      if_swept_output: ifSweptOutputTokens,
    })),
  );
  const oldest = oldestOf([uuidv7(Date.now() - SLOWEST_HOLD_MS), ...instance.open]);
  const sent = sql`
    SELECT tollgate_heartbeat_v1(
      ${instance.id}::uuid, ${instance.leaseSeconds}::integer, ${oldest}::uuid, ${items}::text::jsonb)`;
  instance.pendingHeartbeats.add(sent);
  await sent.finally(() => instance.pendingHeartbeats.delete(sent));
}

/** Removes the process's lease: it ends with nothing held, so there is nothing to sweep. */
export async function endInstance(sql: Sql, instance: Instance): Promise<void> {
  instance.hasEnded = true;
  // A heartbeat on another connection could arrive after this and renew the lease.
  await Promise.allSettled(instance.pendingHeartbeats);
  await sql`DELETE FROM instances WHERE id = ${instance.id}::uuid`;
}

/** The smallest id, and so the oldest; of no ids, a new one. */
export function oldestOf(ids: Iterable<string>): string {
  let oldest = uuidv7();
  for (const id of ids) if (id < oldest) oldest = id;
  return oldest;
}
