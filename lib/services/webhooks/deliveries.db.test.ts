import { eq } from "drizzle-orm";
import { Webhook as Verifier } from "standardwebhooks";
import { beforeEach, describe, expect, test } from "vitest";
import { events } from "#lib/db/schema/events";
import { webhookDeliveries } from "#lib/db/schema/webhooks";
import { listNotices } from "#lib/services/notices/list-notices";
import { freePort } from "#lib/testing/listening";
import { listDeliveries } from "./list-deliveries";
import { replayDelivery } from "./replay-delivery";
import { waitAfterMs } from "./retry-schedule";
import { rotateWebhook } from "./rotate-webhook";
import { receiverOfFile } from "./testing/receiver";
import { webhookWorldOfFile } from "./testing/webhook-world";
import { updateWebhook } from "./update-webhook";

const world = await webhookWorldOfFile();
const receiver = await receiverOfFile();
beforeEach(async () => {
  await world.reset();
  receiver.received.length = 0;
  receiver.answer(204);
});

const DAY_MS = 86_400_000;
/** Days of one event each, after which its delivery is tried. */
async function failFor(days: number, before: (day: number) => unknown): Promise<void> {
  receiver.answer(500);
  for (let day = 0; day < days; day++) {
    await before(day);
    await world.happen();
    await world.run();
    world.pass(DAY_MS);
  }
}

const ids = () => receiver.received.map(({ headers }) => headers["webhook-id"]);
/** Verifies a body that was received, with the official package. */
const verify = (secret: string, index = 0) => {
  const { body = "", headers = {} } = receiver.received[index] ?? {};
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return new Verifier(secret).verify(body, Object.fromEntries(texts));
};

describe("an event", () => {
  test("arrives once, signed as Standard Webhooks describes", async () => {
    const { secret } = await world.create(receiver.url);
    const eventId = await world.happen();
    await Promise.all([world.run(), world.run()]);
    await world.run();
    expect(ids()).toEqual([eventId]);
    expect(receiver.received[0]).toMatchObject({
      method: "POST",
      headers: { "content-type": "application/json", "webhook-id": eventId },
    });
    expect(verify(secret)).toEqual({
      type: "key.expiring",
      timestamp: expect.stringMatching(/Z$/),
      data: { name: "laptop", key_prefix: "tg_test_", expires_at: "2026-12-01T00:00:00.000Z" },
    });
    const other = await world.create(receiver.url);
    expect(() => verify(other.secret)).toThrow();
    expect(await world.deliveries()).toMatchObject([
      { status: "delivered", attempts: 1, httpStatus: 204, error: null },
    ]);
  });

  test("reaches the webhooks of its organization and of the installation that want it, from their creation on", async () => {
    await world.happen();
    await world.create(`${receiver.url}?own`);
    await world.create(`${receiver.url}?other`, { organization_id: world.b.id });
    await world.create(`${receiver.url}?unwanted`, { events: ["budget.exhausted"] });
    const disabled = await world.create(`${receiver.url}?disabled`);
    await updateWebhook(world.as(world.admin), { id: disabled.id, enabled: false });
    const { organization_id: _, ...everything } = { organization_id: "" };
    const all = await world.create(`${receiver.url}?all`, { ...everything, organization_id: undefined });
    expect(all.organization_id).toBeNull();
    const own = await world.happen();
    const installation = await world.happen(null);
    await world.run();
    expect(ids().sort()).toEqual([own, own, installation].sort());
  });

  test("is a message in the format of Slack, without markup from names", async () => {
    await world.create(receiver.url, { format: "slack" });
    const id = await world.happen();
    await world.db
      .update(events)
      .set({
        data: { name: "<!channel> & co", key_prefix: "tg_test_", expires_at: "2026-12-01T00:00:00.000Z" },
      })
      .where(eq(events.id, id));
    await world.run();
    const text = 'The key "&lt;!channel&gt; &amp; co" (tg_test_…) expires at 2026-12-01 00:00 UTC.';
    expect(JSON.parse(receiver.received[0]?.body ?? "")).toEqual({
      text,
      blocks: [{ type: "section", text: { type: "mrkdwn", text } }],
    });
    expect(receiver.received[0]?.headers["webhook-signature"]).toBeUndefined();
  });
});

describe("a rotated secret", () => {
  test("signs beside the old one until the grace period ends", async () => {
    const { id, secret: old } = await world.create(receiver.url);
    const { secret } = await rotateWebhook(world.as(world.admin), { id, grace_seconds: 60 });
    await world.happen();
    await world.run();
    expect(verify(old)).toEqual(verify(secret));
    world.pass(61_000);
    await world.happen();
    await world.run();
    expect(verify(secret, 1)).toBeTruthy();
    expect(() => verify(old, 1)).toThrow();
  });

  test("signs alone without a grace period", async () => {
    const { id, secret: old } = await world.create(receiver.url);
    const { secret } = await rotateWebhook(world.as(world.admin), { id, grace_seconds: 0 });
    await world.happen();
    await world.run();
    expect(verify(secret)).toBeTruthy();
    expect(() => verify(old)).toThrow();
  });
});

describe("a receiver that fails", () => {
  test("gets the event again under its id on the schedule, until it accepts it", async () => {
    await world.create(receiver.url);
    const eventId = await world.happen();
    receiver.answer(500);
    for (const [attempt, waitMs] of [5_000, 300_000, 1_800_000].entries()) {
      await world.run();
      expect(receiver.received).toHaveLength(attempt + 1);
      world.pass(waitMs - 3_000);
      await world.run();
      expect(receiver.received).toHaveLength(attempt + 1);
      world.pass(3_001);
    }
    receiver.answer(200);
    await world.run();
    expect(ids()).toEqual([eventId, eventId, eventId, eventId]);
    expect(await world.deliveries()).toMatchObject([{ status: "delivered", attempts: 4 }]);
    const times = receiver.received.map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(new Set(times).size).toBe(4);
  });

  test("gets ten attempts within four days, and another round when the delivery is replayed", async () => {
    const { id } = await world.create(receiver.url);
    const eventId = await world.happen();
    receiver.answer(503);
    for (let attempt = 1; attempt <= 12; attempt++) {
      await world.run();
      world.pass(waitAfterMs(attempt, () => 0.5) ?? DAY_MS);
    }
    expect(ids()).toEqual(Array.from({ length: 10 }, () => eventId));
    const ctx = world.as(world.orgAdmin);
    const [delivery, ...others] = (await listDeliveries(ctx, { id })).data;
    expect([delivery, others]).toMatchObject([
      { status: "failed", attempts: 10, http_status: 503, next_attempt_at: null, error: "It answered 503." },
      [],
    ]);
    await updateWebhook(ctx, { id, enabled: true });
    receiver.answer(200);
    await replayDelivery(ctx, { id: delivery?.id ?? "" });
    await world.run();
    expect(ids().at(-1)).toBe(eventId);
    expect(await world.deliveries()).toMatchObject([{ status: "delivered", attempts: 1 }]);
    expect((await world.auditOf(id)).at(-1)).toMatchObject({
      action: "webhook.replay",
      organizationId: world.a.id,
      after: { delivery_id: delivery?.id, event_id: eventId },
    });
  });

  test("by stalling is left after its time", async () => {
    await world.create(receiver.url);
    receiver.answer(() => {});
    await world.happen();
    await world.run({ timeoutMs: 100 });
    expect(await world.deliveries()).toMatchObject([
      { status: "pending", httpStatus: null, error: "It did not answer in time." },
    ]);
  });

  test("by an endless or stalling body is judged by its status, and only the beginning is read", async () => {
    await world.create(receiver.url);
    receiver.answer((response) => {
      response.writeHead(200);
      response.write("x".repeat(100_000));
    });
    await world.happen();
    await world.run();
    receiver.answer((response) => {
      response.writeHead(200);
      response.write("y");
    });
    await world.happen();
    await world.run({ timeoutMs: 3_000 });
    const [endless, stalled] = await world.deliveries();
    expect(endless).toMatchObject({ status: "delivered", responseExcerpt: "x".repeat(1024) });
    expect(stalled).toMatchObject({ status: "delivered", responseExcerpt: "y" });
  });

  test("by redirecting gets no request at the other place", async () => {
    await world.create(receiver.url);
    receiver.answer((response) => response.writeHead(307, { location: `${receiver.url}?other` }).end());
    await world.happen();
    await world.run();
    expect(receiver.received).toHaveLength(1);
    expect(await world.deliveries()).toMatchObject([{ status: "pending", httpStatus: 307 }]);
  });

  test("by refusing connections is tried again", async () => {
    await world.create(`http://127.0.0.1:${await freePort()}/`);
    await world.happen();
    await world.run();
    expect(await world.deliveries()).toMatchObject([
      { status: "pending", error: "The connection was refused." },
    ]);
  });

  test("is disabled after five days of failures alone, and its organization is told once", async () => {
    const { id } = await world.create(receiver.url);
    await failFor(6, async () => expect((await world.webhook(id)).disabledAt).toBeNull());
    expect(await world.webhook(id)).toMatchObject({
      disabledAt: expect.any(Date),
      disabledReason: "failing",
    });
    expect((await listNotices(world.as(world.orgAdmin), { type: "webhook.disabled" })).data).toMatchObject([
      {
        organization_id: world.a.id,
        message: `The webhook to ${new URL(receiver.url).host} was disabled: all deliveries failed for five days.`,
      },
    ]);
    expect(await world.auditOf(id)).toMatchObject([
      { action: "webhook.create" },
      { action: "webhook.disable", actorId: "system" },
    ]);
    const seen = receiver.received.length;
    await world.run();
    expect(receiver.received).toHaveLength(seen);
    // Nothing is lost: what was on its way arrives when the webhook is enabled again.
    receiver.answer(200);
    await updateWebhook(world.as(world.orgAdmin), { id, enabled: true });
    world.pass(DAY_MS);
    await world.run();
    expect(new Set((await world.deliveries()).map(({ status }) => status))).toEqual(new Set(["delivered"]));
    expect((await world.webhook(id)).failingSince).toBeNull();
  });

  test("stays enabled when one delivery succeeds in between", async () => {
    const { id } = await world.create(receiver.url);
    await failFor(9, (day) => receiver.answer(day === 4 ? 200 : 500));
    expect((await world.webhook(id)).disabledAt).toBeNull();
  });

  test("is disabled at once by 410", async () => {
    const { id } = await world.create(receiver.url);
    receiver.answer(410);
    await world.happen();
    await world.run();
    expect(await world.webhook(id)).toMatchObject({ disabledReason: "gone" });
    expect(await world.deliveries()).toMatchObject([{ status: "failed", httpStatus: 410, attempts: 1 }]);
  });
});

describe("an attempt", () => {
  test("that outlived its lease does not undo what the next one has recorded", async () => {
    await world.create(receiver.url);
    await world.happen();
    receiver.answer((response) => {
      void world.db
        .update(webhookDeliveries)
        .set({ attempts: 2, status: "delivered", httpStatus: 200 })
        .then(() => response.writeHead(500).end());
    });
    await world.run();
    expect(await world.deliveries()).toMatchObject([{ status: "delivered", attempts: 2, httpStatus: 200 }]);
  });
});

describe("an address", () => {
  test.each(["http://127.0.0.1:9/", "http://localhost:9/"])(
    "that is private is judged when an event is delivered: %s",
    async (url) => {
      await world.create(url);
      await world.happen();
      await world.run({ blockPrivate: true });
      expect(await world.deliveries()).toMatchObject([
        { status: "pending", httpStatus: null, error: "The host's address is not allowed." },
      ]);
    },
  );
});
