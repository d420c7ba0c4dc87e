import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import { ledger, ledgerState } from "#lib/db/schema/credit";

/**
 * Whether usage at a time is in the rollups or pending for them. After an upgrade, until tollgate_backfill_usage_v1 is done,
 * some is only in the ledger.
 */
export const isRolledUp = (at: AnyColumn): SQL =>
  sql`(${at} >= ${ledgerState.rolledUpFrom} or ${at} < ${ledgerState.keptFrom})`;

/**
 * Requests within a time that only the ledger has. None, without reading the ledger, when the rollups are complete. An hour of
 * tolerance: ids have the gateway's clock, `created_at` the database's.
 * @param to exclusive; SQL's null for no end
 */
export const isOnlyInLedger = (from: SQL, to: SQL): SQL => sql`
  ${ledgerState.rolledUpFrom} > ${ledgerState.keptFrom}
  and ${ledger.status} in ('settled', 'released', 'swept')
  and ${ledger.createdAt} >= greatest(${from}, ${ledgerState.keptFrom})
  and ${ledger.createdAt} < least(${to}, ${ledgerState.rolledUpFrom})
  and ${ledger.id} >= tollgate_id_floor(
    greatest(${from} - interval '1 hour', ${ledgerState.keptFrom} - interval '1 hour', 'epoch'))
  and ${ledger.id} < tollgate_id_floor(least(${to}, ${ledgerState.rolledUpFrom}) + interval '1 hour')`;
