import type { Sql } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { SYSTEM } from "./actor";

/**
 * Makes a user's noted payment status "expired", with its audit row, if their date is still past: whoever
 * finds it out first does it, on whichever replica. It waits for nobody (a row that is being changed is
 * left to the next request) and its failure is logged, not thrown: the refusal does not depend on it.
 */
export async function noteExpiredPayment(sql: Sql, userId: string): Promise<void> {
  try {
    await sql`
      WITH due AS (
        SELECT id, payment_status AS was FROM users
        WHERE id = ${userId} AND payment_status <> 'expired'
          AND payment_valid_until < (now() AT TIME ZONE 'UTC')::date
        FOR NO KEY UPDATE SKIP LOCKED
      ), noted AS (
        UPDATE users u SET payment_status = 'expired' FROM due WHERE u.id = due.id
        RETURNING u.id, u.organization_id, u.payment_valid_until, due.was
      )
      INSERT INTO audit_log (actor_id, actor_name, organization_id, action, subject_type, subject_id, before, after)
      SELECT ${SYSTEM.id}, ${SYSTEM.name}, organization_id, 'user.payment_expired', 'user', id::text,
        jsonb_build_object('payment_status', was),
        jsonb_build_object('payment_status', 'expired', 'payment_valid_until', payment_valid_until)
      FROM noted`;
  } catch (error) {
    log.warn({ err: error, userId }, "an expired payment could not be noted");
  }
}
