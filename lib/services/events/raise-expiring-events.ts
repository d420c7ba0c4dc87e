import { sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { events } from "#lib/db/schema/events";
import { apiKeys, users } from "#lib/db/schema/identity";
import { onceId } from "./once-id";

/** How many days ahead people are told. */
export const DAYS_AHEAD = 7;

/** A time in JSON, as the API writes it. */
const isoText = (instant: ReturnType<typeof sql>) =>
  sql`to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * Tells once of each payment that ends, and each key that expires, within a week. Another date is another event.
 * @returns how many events are new
 */
export async function raiseExpiringEvents(db: Db | Tx): Promise<number> {
  const rows = await db.execute(sql`
    insert into ${events} (id, type, organization_id, user_id, data)
    select * from (
      select ${onceId(sql`'payment.expiring:' || id || ':' || payment_valid_until`)}, 'payment.expiring',
        organization_id, id, ${paymentData}
      from ${users}
      where payment_valid_until between (now() at time zone 'UTC')::date
        and (now() at time zone 'UTC')::date + ${DAYS_AHEAD}::integer
      union all
      select ${onceId(sql`'key.expiring:' || id || ':' || extract(epoch from expires_at)`)}, 'key.expiring',
        organization_id, user_id, jsonb_build_object('api_key_id', id, 'name', name, 'key_prefix', key_prefix, 'user_id', user_id,
          'organization_id', organization_id, 'expires_at', ${isoText(sql`expires_at`)})
      from ${apiKeys}
      where revoked_at is null and expires_at > now() and expires_at <= now() + make_interval(days => ${DAYS_AHEAD})
    ) as e (id, type, organization_id, user_id, data)
    where not exists (select from ${events} known where known.id = e.id)
    order by e.id
    on conflict do nothing
    returning 1`);
  return rows.length;
}

/** What an event about a payment says of the user, from columns named as the table's. */
export const paymentData = sql`jsonb_build_object('user_id', id, 'email', email, 'external_id', external_id, 'name', name,
  'organization_id', organization_id, 'payment_valid_until', payment_valid_until)`;
