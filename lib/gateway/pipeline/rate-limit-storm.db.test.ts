import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import type { ReplicaClock, ReplicaReady, ReplicaStart } from "#lib/gateway/testing/replica";
import { startRedis, type TestRedis } from "#lib/limits/testing/redis-server";
import { postChat } from "#lib/testing/post-chat";
import { type Seeded, seedGateway } from "#lib/testing/seed";
import { type FakeUpstream, startFakeUpstream } from "#lib/testing/upstream/fake-upstream";

const REPLICAS = 3;
const PER_MINUTE = 600;
const MINUTE_MS = 60_000;
/** How far the storm goes into the second minute. */
const AFTER_MS = 5_000;
const CLIENTS = 24;

let database: TestDatabase;
let redis: TestRedis;
let upstream: FakeUpstream;
let seeded: Seeded;
let replicas: { url: string; child: ChildProcess }[] = [];

beforeAll(async () => {
  [database, redis, upstream] = await Promise.all([
    createTestDatabase(),
    startRedis(),
    startFakeUpstream({}),
  ]);
  const encryptionKey = randomBytes(32).toString("base64");
  seeded = await seedGateway(database.url, encryptionKey, {
    upstreamUrl: upstream.url,
    models: [{ name: "instant" }],
  });
  await database.sql`
    UPDATE organizations SET rate_limits = ${database.sql.json({ requests_per_minute: PER_MINUTE })}
    WHERE id = ${seeded.ids.organization}`;
  const start: ReplicaStart = { databaseUrl: database.url, encryptionKey, redisUrl: redis.url };
  replicas = await Promise.all(Array.from({ length: REPLICAS }, () => startReplica(start)));
});
afterAll(async () => {
  await Promise.all(
    replicas.map(({ child }) => new Promise((gone) => child.once("exit", gone) && child.kill("SIGKILL"))),
  );
  await upstream.close();
  await redis.kill();
  await database.drop();
});

function startReplica(start: ReplicaStart): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(
    fileURLToPath(new URL("../testing/replica.ts", import.meta.url)),
    [JSON.stringify(start)],
    {
      execArgv: ["--conditions=react-server", "--import", "tsx"],
    },
  );
  return new Promise((resolve, reject) => {
    child.once("message", ({ port }: ReplicaReady) => resolve({ url: `http://127.0.0.1:${port}/v1`, child }));
    child.once("exit", (code) => reject(new Error(`a replica ended with ${code}`)));
  });
}

/** How far the replicas' clocks are ahead of the machine's. */
let aheadMs = 0;
const now = () => Date.now() + aheadMs;

/** Sets the replicas' clocks, while nothing is under way; resolves when all of them have it. */
async function setClocks(toMs: number): Promise<void> {
  aheadMs = toMs - Date.now();
  await Promise.all(
    replicas.map(
      ({ child }) =>
        new Promise((set) => {
          child.once("message", set);
          child.send({ aheadMs } satisfies ReplicaClock);
        }),
    ),
  );
}

const HELLO = '{"model": "instant", "messages": [{"role": "user", "content": "Hello!"}]}';

/** Sends requests to all replicas from many clients at once until it is enough. */
async function storm(statuses: Map<number, number>, isEnough: () => boolean): Promise<void> {
  const client = async (number: number) => {
    for (let times = number; !isEnough(); times++) {
      const response = await postChat(replicas[times % REPLICAS]?.url ?? "", seeded.apiKey, HELLO);
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
}

test("three replicas under a storm let through what the window allows: never more, and hardly fewer", {
  timeout: 60_000,
}, async () => {
  const statuses = new Map<number, number>();
  const refused = () => statuses.get(429) ?? 0;
  // From the beginning of a minute until there is nothing left of it, and then over into the next one.
  const minute = Math.floor(Date.now() / MINUTE_MS) + 1;
  await setClocks(minute * MINUTE_MS + 1_000);
  await storm(statuses, () => refused() >= PER_MINUTE / 2);
  expect(now()).toBeLessThan((minute + 1) * MINUTE_MS);
  await setClocks((minute + 1) * MINUTE_MS - 1_000);
  await storm(statuses, () => now() > (minute + 1) * MINUTE_MS + AFTER_MS);
  const endedMs = now() % MINUTE_MS;

  const inRedis = new Redis(redis.url);
  const counted = async (which: number) => {
    const [key] = await inRedis.keys(`tollgate:*:requests:60:${which}`);
    return key === undefined ? 0 : Number(await inRedis.get(key));
  };
  const [first, second] = [await counted(minute), await counted(minute + 1)];
  inRedis.disconnect();
  const served = statuses.get(200) ?? 0;
  // Refused since Redis' answer did not come in time, on a machine with more to do: it has counted them all the same.
  const unsure = statuses.get(503) ?? 0;

  // The first minute: all of it. Into the second, as much as the weight of the first has gone down.
  const allowedInSecond = Math.ceil((PER_MINUTE * endedMs) / MINUTE_MS);
  expect(first).toBeLessThanOrEqual(PER_MINUTE);
  expect(second).toBeLessThanOrEqual(allowedInSecond);
  expect(first + second).toBeGreaterThanOrEqual(served);
  expect(first + second).toBeLessThanOrEqual(served + unsure);
  expect(unsure).toBeLessThanOrEqual(0.01 * PER_MINUTE);
  expect(served).toBeGreaterThanOrEqual(0.98 * (PER_MINUTE + allowedInSecond));
  // Nothing but the limit stood in the storm's way.
  expect([...statuses.keys()].filter((status) => status !== 503).toSorted()).toEqual([200, 429]);
  const [rows] = await database.sql`SELECT count(*)::integer AS count FROM ledger WHERE status = 'settled'`;
  expect(rows?.count).toBe(served);
});
