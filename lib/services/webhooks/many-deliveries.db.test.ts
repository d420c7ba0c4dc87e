import type { ServerResponse } from "node:http";
import { beforeEach, expect, test } from "vitest";
import { deleteOldEvents } from "#lib/services/events/delete-old-events";
import { receiverOfFile } from "./testing/receiver";
import { webhookWorldOfFile } from "./testing/webhook-world";
import { updateWebhook } from "./update-webhook";

const world = await webhookWorldOfFile();
const receiver = await receiverOfFile();
beforeEach(async () => {
  await world.reset();
  receiver.received.length = 0;
});

const statuses = async () => (await world.deliveries()).map(({ status }) => status);

test("webhooks that stall keep each other from nothing, and each has four requests at once", async () => {
  const open: ServerResponse[] = [];
  receiver.answer((response) => open.push(response));
  for (const n of [1, 2, 3]) await world.create(`${receiver.url}?${n}`);
  for (let n = 0; n < 6; n++) await world.happen();
  const run = world.run();
  await expect.poll(() => open.length).toBe(12);
  const begun = (await world.deliveries()).filter(({ attempts }) => attempts > 0);
  expect(begun).toHaveLength(12);
  expect(new Set(begun.map(({ webhookId }) => webhookId)).size).toBe(3);

  receiver.answer(204);
  for (const response of open) response.writeHead(204).end();
  await run;
  expect(await statuses()).toEqual(Array(18).fill("delivered"));
  expect(receiver.received).toHaveLength(18);
});

test("a webhook that fails is left until the next run", async () => {
  await world.create(receiver.url);
  for (let n = 0; n < 6; n++) await world.happen();
  receiver.answer(500);
  expect(await world.run()).toBe(4);
  expect(await world.run()).toBe(2);
});

test("deliveries are deleted after their retention, but for those on their way", async () => {
  const [gone, kept] = [await world.create(`${receiver.url}?gone`), await world.create(receiver.url)];
  const later = new Date(Date.now() + 11 * 86_400_000);
  await world.happen();
  receiver.answer(500);
  await world.run();
  await updateWebhook(world.as(world.admin), { id: gone.id, enabled: false });
  await deleteOldEvents(world.db, 10, later);
  expect(await world.deliveries()).toMatchObject([{ webhookId: kept.id, status: "pending" }]);

  receiver.answer(204);
  world.pass(10_000);
  await world.run();
  expect(await statuses()).toEqual(["delivered"]);
  await deleteOldEvents(world.db, 10, later);
  expect(await statuses()).toEqual([]);
});
