import type { Sql } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { SYSTEM } from "./actor";

/**
 * Sets a user's payment status to "expired" and audits it, if the date is still past. The first replica to notice does
 * it. It skips a locked row, which the next request will mark, and logs errors instead of throwing, since the
 * rejection does not depend on it.
 */
export async function markExpiredPayment(sql: Sql, userId: string): Promise<void> {
  try {
    await sql`
      WITH due AS (
        SELECT id, payment_status AS was FROM users
        WHERE id = ${userId} AND payment_status <> 'expired'
          AND payment_valid_until < (now() AT TIME ZONE 'UTC')::date
        FOR NO KEY UPDATE SKIP LOCKED
      ), marked AS (
        UPDATE users u SET payment_status = 'expired' FROM due WHERE u.id = due.id
        RETURNING u.id, u.organization_id, u.payment_valid_until, due.was
      )
      INSERT INTO audit_log (actor_id, actor_name, organization_id, action, subject_type, subject_id, before, after)
      SELECT ${SYSTEM.id}, ${SYSTEM.name}, organization_id, 'user.payment_expired', 'user', id::text,
        jsonb_build_object('payment_status', was),
        jsonb_build_object('payment_status', 'expired', 'payment_valid_until', payment_valid_until)
      FROM marked`;
  } catch (error) {
    log.warn({ err: error, user_id: userId }, "failed to mark a payment as expired");
  }
}
