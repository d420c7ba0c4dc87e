import { type SQL, sql } from "drizzle-orm";
import type { Actor, SystemActor } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { events } from "#lib/db/schema/events";
import { auditLog, users } from "#lib/db/schema/identity";
import { onceId } from "#lib/services/events/once-id";
import { paymentData } from "#lib/services/events/raise-expiring-events";
import { paymentStatusToday } from "./payment-status";

/**
 * Updates the stored payment status of the users that `within` selects, with an audit row each and an event for each
 * payment that has expired, in one statement.
 * @returns how many of them have a payment date, and how many were newly expired
 */
export async function storePaymentStatus(
  db: Db | Tx,
  ctx: { actor: Pick<Actor | SystemActor, "id" | "name">; requestIp?: string | null },
  within: SQL,
): Promise<{ checked: number; expired: number }> {
  const [row] = await db.execute<{ checked: number; expired: number }>(sql`
    with changed as (
      update ${users} set payment_status = ${paymentStatusToday}
      from ${users} as earlier
      where (${within}) and earlier.id = ${users.id} and ${users.paymentStatus} <> ${paymentStatusToday}
      returning ${users.id} as id, ${users.organizationId} as organization_id,
        ${users.paymentValidUntil} as payment_valid_until, earlier.payment_status as was,
        ${users.paymentStatus} as is_now, ${users.email} as email, ${users.externalId} as external_id,
        ${users.name} as name
    ), told as (
      insert into ${events} (id, type, organization_id, user_id, data)
      select ${onceId(sql`'payment.expired:' || id || ':' || payment_valid_until`)}, 'payment.expired',
        organization_id, id, ${paymentData}
      from changed where is_now = 'expired'
      on conflict do nothing
    ), audited as (
      insert into ${auditLog} (
        actor_id, actor_name, organization_id, action, subject_type, subject_id, before, after, ip
      )
      select ${ctx.actor.id}::text, ${ctx.actor.name}::text, organization_id, 'user.payment_' || is_now::text,
        'user', id::text, jsonb_build_object('payment_status', was),
        jsonb_build_object('payment_status', is_now, 'payment_valid_until', payment_valid_until),
        ${ctx.requestIp ?? null}::text
      from changed
    )
    select
      (select count(*) from ${users} where (${within}) and ${users.paymentValidUntil} is not null)::int as checked,
      (select count(*) from changed where is_now = 'expired')::int as expired`);
  if (row === undefined) throw new Error("a count without rows");
  return row;
}
