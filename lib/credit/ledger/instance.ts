import { randomUUID } from "node:crypto";
import { formatUsd, type PicoUsd } from "#lib/credit/money";
import { uuidv7 } from "#lib/credit/request-id";
import type { Sql } from "#lib/db/client";

/** How long a process counts as alive without saying so. */
const LEASE_SECONDS = 60;
/** A request has its id before its body is read, which takes minutes at the longest, and its hold comes after. */
const SLOWEST_HOLD_MS = 600_000;

/** A process that places holds. */
export type Instance = {
  id: string;
  leaseSeconds: number;
  /** The requests that are held by it, or may be: asked for, and not settled yet. */
  open: Set<string>;
  /** Heartbeats on their way. */
  saying: Set<Promise<unknown>>;
  hasLeft: boolean;
};

/** @param leaseSeconds more than the ten that a hold wants it to have left; tests shorten it */
export const newInstance = (leaseSeconds = LEASE_SECONDS): Instance => ({
  id: randomUUID(),
  leaseSeconds,
  open: new Set(),
  saying: new Set(),
  hasLeft: false,
});

/** What a sweep would charge for a request, given how far it has come by now. */
export type Progress = { id: string; ifSweptPicoUsd: PicoUsd; ifSweptOutputTokens: number };

/**
 * Says that the process is alive, so that no replica's sweep settles what it holds, and where a sweep is to
 * begin: before what is open now, and before what may be held while this is still on its way to the database.
 * Of one that has taken its leave nothing is said any more.
 */
export async function heartbeat(
  sql: Sql,
  instance: Instance,
  progress: readonly Progress[] = [],
): Promise<void> {
  if (instance.hasLeft) return;
  const items = JSON.stringify(
    progress.map(({ id, ifSweptPicoUsd, ifSweptOutputTokens }) => ({
      id,
      if_swept: formatUsd(ifSweptPicoUsd),
      if_swept_output: ifSweptOutputTokens,
    })),
  );
  const oldest = oldestOf([uuidv7(Date.now() - SLOWEST_HOLD_MS), ...instance.open]);
  const said = sql`
    SELECT tollgate_heartbeat_v1(
      ${instance.id}::uuid, ${instance.leaseSeconds}::integer, ${oldest}::uuid, ${items}::text::jsonb)`;
  instance.saying.add(said);
  await said.finally(() => instance.saying.delete(said));
}

/** Says that the process ends with nothing held: there is nothing to look for. */
export async function leave(sql: Sql, instance: Instance): Promise<void> {
  instance.hasLeft = true;
  // By another connection it might arrive after this, and the process would be alive for a lease.
  await Promise.allSettled(instance.saying);
  await sql`DELETE FROM instances WHERE id = ${instance.id}::uuid`;
}

/** Ids sort by time; one made now stands for none. */
export function oldestOf(ids: Iterable<string>): string {
  let oldest = uuidv7();
  for (const id of ids) if (id < oldest) oldest = id;
  return oldest;
}
