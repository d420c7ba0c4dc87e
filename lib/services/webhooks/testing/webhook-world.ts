import { asc, eq, sql } from "drizzle-orm";
import { type EventType, events } from "#lib/db/schema/events";
import { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";
import { upstreamAgent } from "#lib/providers/upstream-agent";
import { dispatchEvents } from "#lib/services/events/dispatch-events";
import { ENCRYPTION_KEY } from "#lib/services/testing/context";
import { type World, worldOfFile } from "#lib/services/testing/world";
import { firstRow } from "#lib/testing/first-row";
import { createWebhook } from "../create-webhook";
import { deliverWebhooks } from "../deliver-webhooks";

const KEY_DATA = { name: "laptop", key_prefix: "tg_test_", expires_at: "2026-12-01T00:00:00.000Z" };

/** A world with webhooks that may be on this machine, and a clock that tests move. */
export async function webhookWorldOfFile() {
  const world: World = await worldOfFile();
  const { db } = world;
  const config = { ENCRYPTION_KEY, BLOCK_PRIVATE_UPSTREAMS: false, ALLOW_PRIVATE_WEBHOOKS: true };
  const as: World["as"] = (actor) => ({ ...world.as(actor), config });
  let aheadMs = 0;
  const now = () => new Date(Date.now() + aheadMs);
  const sending = ({ blockPrivate = false, timeoutMs = 30_000 }) => ({
    agent: upstreamAgent({ blockPrivate }),
    keys: { ENCRYPTION_KEY },
    now,
    random: () => 0.5,
    timeoutMs,
  });
  return {
    ...world,
    as,
    now,
    /** Moves the clock of deliveries. */
    pass: (ms: number) => {
      aheadMs += ms;
    },
    /** Creates a webhook of A that wants every event of a key. */
    create: (url: string, rest: Partial<Parameters<typeof createWebhook>[1]> = {}) =>
      createWebhook(as(world.admin), { url, events: ["key.expiring"], organization_id: world.a.id, ...rest }),
    /** Writes an event. */
    happen: async (organizationId: string | null = world.a.id, type: EventType = "key.expiring") =>
      firstRow(
        await db.insert(events).values({ type, organizationId, data: KEY_DATA }).returning({ id: events.id }),
      ).id,
    /** One run of the job. */
    run: async (options: { blockPrivate?: boolean; timeoutMs?: number } = {}) => {
      await dispatchEvents(db, { withMail: false });
      return deliverWebhooks(db, sending(options), 60_000);
    },
    deliveries: () => db.select().from(webhookDeliveries).orderBy(asc(webhookDeliveries.createdAt)),
    webhook: async (id: string) => firstRow(await db.select().from(webhooks).where(eq(webhooks.id, id))),
    reset: async () => {
      aheadMs = 0;
      await db.execute(sql`truncate events, webhooks, webhook_deliveries cascade`);
    },
  };
}
