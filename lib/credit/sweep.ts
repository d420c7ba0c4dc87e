import "server-only";
import type { Sql } from "#lib/db/client";
import { LEASE_SECONDS } from "./hold";
import { formatUsd, type PicoUsd } from "./money";

const ROWS_PER_CALL = 500;

/**
 * Settles every hold whose process has died: its lease, kept on the database's clock, ran out.
 * Safe to run on any number of replicas at once.
 * @returns how many rows were swept
 */
export async function sweepExpiredHolds(sql: Sql): Promise<number> {
  let swept = 0;
  for (;;) {
    const [row] = await sql<{ rows: number }[]>`SELECT tollgate_sweep_v1(${ROWS_PER_CALL}::integer) AS rows`;
    swept += row?.rows ?? 0;
    if ((row?.rows ?? 0) < ROWS_PER_CALL) return swept;
  }
}

/** What a sweep would charge for a request, given how far it has come by now. */
export type LeaseRenewal = { id: string; ifSweptPicoUsd: PicoUsd; ifSweptOutputTokens: number };

/** Renews the leases of requests in flight, so that no replica's sweep takes them for dead. */
export async function renewLeases(sql: Sql, renewals: readonly LeaseRenewal[]): Promise<void> {
  if (renewals.length === 0) return;
  const items = JSON.stringify(
    renewals.map((renewal) => ({
      id: renewal.id,
      if_swept: formatUsd(renewal.ifSweptPicoUsd),
      if_swept_output: renewal.ifSweptOutputTokens,
    })),
  );
  await sql`SELECT id FROM tollgate_renew_v1(${items}::text::jsonb, ${LEASE_SECONDS}::integer)`;
}
