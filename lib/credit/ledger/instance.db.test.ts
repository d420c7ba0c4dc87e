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

test("a process that has taken its leave is not alive, whatever it said shortly before or says after", async () => {
  const instance = newInstance();
  const one = postgres(database.url, { max: 1, onnotice: () => {} });
  const busy = await one.reserve();
  // It waits for a connection, and the leave has another.
  const said = heartbeat(one, instance);
  const left = endInstance(database.sql, instance);
  await database.sql`SELECT pg_sleep(0.05)`;
  busy.release();
  await Promise.all([said, left]);
  expect(await isAlive(instance.id)).toBe(false);

  await heartbeat(database.sql, instance);
  expect(await isAlive(instance.id)).toBe(false);
  await one.end();
});

test("leaving does not depend on a heartbeat that fails", async () => {
  const instance = newInstance();
  await heartbeat(database.sql, instance);
  const ended = postgres(database.url, { max: 1, onnotice: () => {} });
  await ended.end();
  const failing = expect(heartbeat(ended, instance)).rejects.toThrow();
  await endInstance(database.sql, instance);
  await failing;
  expect(await isAlive(instance.id)).toBe(false);
});
