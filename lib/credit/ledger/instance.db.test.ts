import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { endInstance, heartbeat, newInstance } from "./instance";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const isAlive = async (id: string) => {
  const rows = await database.sql`SELECT 1 FROM instances WHERE id = ${id}`;
  return rows.length === 1;
};

test("a process that has ended stays ended, despite a pending or later heartbeat", async () => {
  const instance = newInstance();
  const one = postgres(database.url, { max: 1, onnotice: () => {} });
  const busy = await one.reserve();
  // The heartbeat waits for a connection; the end of the process has another.
  const pending = heartbeat(one, instance);
  const ending = endInstance(database.sql, instance);
  await database.sql`SELECT pg_sleep(0.05)`;
  busy.release();
  await Promise.all([pending, ending]);
  expect(await isAlive(instance.id)).toBe(false);

  await heartbeat(database.sql, instance);
  expect(await isAlive(instance.id)).toBe(false);
  await one.end();
});

test("ending does not depend on a failing heartbeat", async () => {
  const instance = newInstance();
  await heartbeat(database.sql, instance);
  const ended = postgres(database.url, { max: 1, onnotice: () => {} });
  await ended.end();
  const failing = expect(heartbeat(ended, instance)).rejects.toThrow();
  await endInstance(database.sql, instance);
  await failing;
  expect(await isAlive(instance.id)).toBe(false);
});
