import { sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { events } from "#lib/db/schema/events";
import { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";

/** Few enough for one short statement. */
const BATCH = 500;

/**
 * Gives new events to the webhooks that want them: those of the event's organization and of the installation that existed
 * before it and are enabled. Each event once, however many replicas run it at once.
 * @returns the number of events
 */
export async function dispatchEvents(db: Db): Promise<number> {
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
      )
      update ${events} e set dispatched_at = now() from due where e.id = due.id returning 1`);
    dispatched += rows.length;
    if (rows.length < BATCH) return dispatched;
  }
}
