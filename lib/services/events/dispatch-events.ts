import { sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { events } from "#lib/db/schema/events";
import { users } from "#lib/db/schema/identity";
import { mails } from "#lib/db/schema/mail";
import { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";

/** Few enough for one short statement. */
const BATCH = 500;

/** Events about a person: their own matter, of which their administrators read in the notices. */
const PERSONAL = sql`(e.user_id is not null and e.type in ('payment.expiring', 'payment.expired', 'key.expiring'))`;

/**
 * Gives new events to those who are told of them. Webhooks: those of the event's organization and of the installation that
 * want it, existed before it and are enabled. Mail: the person it is about, and except for personal matters those who
 * administer the organization, or the installation where the event belongs to it. Each event once, however many replicas
 * run it at once.
 * @returns the number of events
 */
export async function dispatchEvents(db: Db, { withMail }: { withMail: boolean }): Promise<number> {
  let dispatched = 0;
  for (;;) {
    const rows = await db.execute(sql`
      with due as materialized (
        select * from ${events} where dispatched_at is null order by created_at limit ${BATCH}
        for update skip locked
      ), sent as (
        insert into ${webhookDeliveries} (webhook_id, event_id, type, event_at, data)
        select w.id, e.id, e.type, e.created_at, e.data
        from due e join ${webhooks} w on (w.organization_id is null or w.organization_id = e.organization_id)
          and e.type = any (w.events) and w.disabled_at is null and w.created_at <= e.created_at
        on conflict do nothing
      ), mailed as (
        insert into ${mails} (event_id, to_address)
        select e.id, u.email
        from due e, lateral (
          select email from ${users} where id = e.user_id
          union
          select email from ${users}
          where not ${PERSONAL} and organization_id = e.organization_id and role = 'org_admin'
          union
          select email from ${users} where e.organization_id is null and not ${PERSONAL} and role = 'admin'
        ) u
        where ${withMail} and u.email is not null
        on conflict do nothing
      )
      update ${events} e set dispatched_at = now() from due where e.id = due.id returning 1`);
    dispatched += rows.length;
    if (rows.length < BATCH) return dispatched;
  }
}
