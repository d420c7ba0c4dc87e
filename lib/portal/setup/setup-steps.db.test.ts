import { expect, test } from "vitest";
import { apiKeys, organizations } from "#lib/db/schema/identity";
import { models, providers } from "#lib/db/schema/routing";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { testContext } from "#lib/services/testing/context";
import { worldOfFile } from "#lib/services/testing/world";
import { setupSteps } from "./setup-steps";

const world = await worldOfFile();

test("ticks each step of a new installation once it is done, in any order", async () => {
  const database = await createTestDatabase();
  const db = database.control(1);
  try {
    const steps = () => setupSteps(testContext(db));
    const done = { provider: false, model: false, organization: false, key: false, request: false };
    expect(await steps()).toEqual(done);
    await db.insert(organizations).values({ name: "Acme" });
    expect(await steps()).toEqual({ ...done, organization: true });
    await db.insert(providers).values({ name: "p", type: "simulated", settings: { list_models: true } });
    expect(await steps()).toEqual({ ...done, organization: true, provider: true, model: true });
    await db.update(providers).set({ enabled: false });
    expect(await steps()).toEqual({ ...done, organization: true });
    await db.insert(models).values({ name: "m" });
    expect(await steps()).toEqual({ ...done, organization: true, model: true });
  } finally {
    await database.drop();
  }
});

test("is gone once all are done, and for others than administrators", async () => {
  await world.addProvider("test");
  expect(await setupSteps(world.as(world.admin))).toMatchObject({ key: true, request: false });
  expect(await setupSteps(world.as(world.orgAdmin))).toBeNull();
  await world.addRequest();
  expect(await setupSteps(world.as(world.admin))).toBeNull();
  await world.db.delete(models);
  expect(await setupSteps(world.as(world.admin))).toMatchObject({ model: false, request: true });
  expect(await world.db.$count(apiKeys)).toBeGreaterThan(0);
});
