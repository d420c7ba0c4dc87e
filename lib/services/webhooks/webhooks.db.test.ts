import { beforeEach, describe, expect, test } from "vitest";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { createWebhook } from "./create-webhook";
import { deleteWebhook } from "./delete-webhook";
import { getWebhook } from "./get-webhook";
import { listDeliveries } from "./list-deliveries";
import { listWebhooks } from "./list-webhooks";
import { replayDelivery } from "./replay-delivery";
import { testWebhook } from "./test-webhook";
import { receiverOfFile } from "./testing/receiver";
import { webhookWorldOfFile } from "./testing/webhook-world";
import { updateWebhook } from "./update-webhook";

const world = await webhookWorldOfFile();
const receiver = await receiverOfFile();
beforeEach(() => world.reset());

const URL_ = "https://hooks.example.com/tollgate";
const asOrgAdmin = () => world.as(world.orgAdmin);

describe("creating a webhook", () => {
  test("answers with its secret, which no other answer and no audit row has", async () => {
    const { secret, ...webhook } = await createWebhook(asOrgAdmin(), {
      url: URL_,
      events: ["budget.exhausted"],
    });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(webhook).toEqual({
      id: expect.any(String),
      url: URL_,
      events: ["budget.exhausted"],
      organization_id: world.a.id,
      format: "standard",
      enabled: true,
      disabled_at: null,
      disabled_reason: null,
      failing_since: null,
      previous_secret_expires_at: null,
      created_at: expect.stringMatching(/Z$/),
    });
    expect(await getWebhook(asOrgAdmin(), { id: webhook.id })).toEqual(webhook);
    expect((await listWebhooks(asOrgAdmin())).data).toEqual([webhook]);
    expect(JSON.stringify(await world.auditOf(webhook.id))).not.toContain(secret);
  });

  const create = (url: string, allowPrivate: boolean) => {
    const ctx = asOrgAdmin();
    const config = { ...ctx.config, ALLOW_PRIVATE_WEBHOOKS: allowPrivate };
    return createWebhook({ ...ctx, config }, { url, events: ["key.expiring"] });
  };

  test.each([
    "ftp://hooks.example.com/",
    "hooks.example.com",
    "https://user:secret@hooks.example.com/",
    "https://hooks.example.com/#part",
    "https://169.254.169.254/latest",
    "https://[fe80::1]/",
    "https://[::ffff:169.254.169.254]/",
  ])("is rejected for %s", async (url) => {
    await expect(create(url, true)).rejects.toMatchObject({
      code: "invalid",
      fields: { url: expect.any(String) },
    });
  });

  test.each([
    "http://hooks.example.com/",
    "https://127.0.0.1/",
    "https://10.1.2.3/",
    "https://[::1]/",
    "https://localhost/",
  ])("is rejected for %s unless the installation allows private addresses", async (url) => {
    await expect(create(url, false)).rejects.toMatchObject({
      code: "invalid",
      fields: { url: expect.any(String) },
    });
    expect(await create(url, true)).toMatchObject({ url });
  });

  test("is limited to twenty for each organization", async () => {
    for (let n = 0; n < 20; n++)
      await createWebhook(asOrgAdmin(), { url: `${URL_}/${n}`, events: ["key.expiring"] });
    const another = { url: URL_, events: ["key.expiring" as const] };
    await expect(createWebhook(asOrgAdmin(), another)).rejects.toMatchObject({ code: "conflict" });
    expect(await createWebhook(world.as(world.orgAdminOfB), another)).toMatchObject({
      organization_id: world.b.id,
    });
  });

  test("is for administrators of an organization, and never for another's", async () => {
    const asked = { url: URL_, events: ["key.expiring" as const] };
    for (const actor of [world.member, world.viewer]) {
      await expect(createWebhook(world.as(actor), asked)).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(createWebhook(world.as(world.stray), asked)).rejects.toMatchObject({ code: "forbidden" });
    await expect(
      createWebhook(asOrgAdmin(), { ...asked, organization_id: world.b.id }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a webhook", () => {
  test("is changed, disabled, enabled and deleted, each with an audit row", async () => {
    const { id } = await world.create(URL_);
    const ctx = asOrgAdmin();
    await updateWebhook(ctx, {
      id,
      events: ["key.expiring", "key.expiring"],
      url: `${URL_}/new`,
      format: "slack",
    });
    expect(await updateWebhook(ctx, { id, enabled: false })).toMatchObject({
      enabled: false,
      disabled_reason: "manual",
      events: ["key.expiring"],
      url: `${URL_}/new`,
    });
    expect(await updateWebhook(ctx, { id, enabled: true })).toMatchObject({
      enabled: true,
      disabled_reason: null,
    });
    await deleteWebhook(ctx, { id });
    await expect(getWebhook(ctx, { id })).rejects.toMatchObject({ code: "not_found" });
    expect((await world.auditOf(id)).map(({ action }) => action)).toEqual([
      "webhook.create",
      "webhook.update",
      "webhook.update",
      "webhook.update",
      "webhook.delete",
    ]);
  });

  test("is seen by its organization alone; one of the installation by administrators alone", async () => {
    const own = await world.create(URL_);
    const installation = await createWebhook(world.as(world.admin), { url: URL_, events: ["key.expiring"] });
    for (const [actor, id] of [
      [world.orgAdminOfB, own.id],
      [world.orgAdmin, installation.id],
    ] as const) {
      await expect(getWebhook(world.as(actor), { id })).rejects.toMatchObject({ code: "not_found" });
      await expect(listDeliveries(world.as(actor), { id })).rejects.toMatchObject({ code: "not_found" });
      await expect(testWebhook(world.as(actor), { id })).rejects.toMatchObject({ code: "not_found" });
    }
    expect((await listWebhooks(world.as(world.orgAdmin))).data).toHaveLength(1);
    expect((await listWebhooks(world.as(world.admin))).data).toHaveLength(2);
  });

  test("is tested at once, without another attempt and without consequences", async () => {
    const { id } = await world.create(receiver.url);
    expect(await testWebhook(asOrgAdmin(), { id })).toMatchObject({
      type: "webhook.test",
      status: "delivered",
      http_status: 204,
    });
    receiver.answer(410);
    expect(await testWebhook(asOrgAdmin(), { id })).toMatchObject({
      status: "failed",
      http_status: 410,
      attempts: 1,
    });
    expect(await getWebhook(asOrgAdmin(), { id })).toMatchObject({ enabled: true, failing_since: null });
    expect((await listDeliveries(asOrgAdmin(), { id, status: "failed" })).data).toHaveLength(1);
    expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({ type: "webhook.test" });
    await updateWebhook(asOrgAdmin(), { id, url: "http://127.0.0.1:9/" });
    const ctx = { ...asOrgAdmin(), config: world.as(world.orgAdmin).config };
    const blocked = { ...ctx, config: { ...ctx.config, ALLOW_PRIVATE_WEBHOOKS: false } };
    expect(await testWebhook(blocked, { id })).toMatchObject({ error: "The host's address is not allowed." });
  });

  test("gets no replay while it is disabled, and none of what is unknown or another's", async () => {
    const { id } = await world.create(receiver.url);
    const { id: delivery } = await testWebhook(asOrgAdmin(), { id });
    await updateWebhook(asOrgAdmin(), { id, enabled: false });
    await expect(replayDelivery(asOrgAdmin(), { id: delivery })).rejects.toMatchObject({ code: "conflict" });
    await expect(replayDelivery(asOrgAdmin(), { id: UNKNOWN_ID })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(replayDelivery(world.as(world.orgAdminOfB), { id: delivery })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
