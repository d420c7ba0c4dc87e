import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openHotDatabase } from "#lib/db/client";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { startFaultyProxy } from "#lib/testing/faulty-proxy";
import { stopwatch } from "#lib/testing/promptness";
import { createRateLimiter, type LimiterSettings, type RateLimiter } from "./limiter";
import { RateStoreUnavailable } from "./store";
import { startRedis, type TestRedis } from "./testing/redis-server";
import { startUpstashRest, type UpstashRest } from "./testing/upstash-rest";
import type { RateWindow, Take } from "./window";

let database: TestDatabase;
let hot: ReturnType<typeof openHotDatabase>;
beforeAll(async () => {
  database = await createTestDatabase();
  hot = openHotDatabase(database.url);
});
afterAll(async () => {
  await hot.close(1);
  await database.drop();
});

function window(unit: RateWindow["unit"], limit: number): RateWindow {
  // An hour for requests, so that a test rarely crosses the end of a period.
  return { key: randomUUID(), scope: "api_key", unit, limit, seconds: unit === "tokens" ? 60 : 3600 };
}
const one = (limit: number): Take => ({ window: window("requests", limit), amount: 1 });

async function countAllowed(
  limiter: RateLimiter,
  take: Take,
  asked: number,
  allowLocal = false,
): Promise<number> {
  let allowed = 0;
  for (let times = 0; times < asked; times++) {
    const { states } = await limiter.take([take], { allowLocal });
    if (states.every(({ fits }) => fits)) allowed += 1;
  }
  return allowed;
}

describe("without Redis", () => {
  /** A replica whose last heartbeat, with a lease of a minute, is this long ago. */
  const replica = (secondsAgo: number) => database.sql`
    INSERT INTO instances (id, alive_until, oldest_open)
    VALUES (gen_random_uuid(), now() + make_interval(secs => ${60 - secondsAgo}), gen_random_uuid())`;
  beforeEach(async () => {
    await database.sql`DELETE FROM instances`;
  });

  test("gives a single replica the whole limit", async () => {
    await replica(0);
    const limiter = createRateLimiter(hot.sql, {});
    expect(await countAllowed(limiter, one(9), 20)).toBe(9);
    expect(await limiter.health()).toEqual({ configured: false, replicas: 1 });
  });

  test("gives each live replica its share, and a dead one none", async () => {
    for (const secondsAgo of [0, 10, 20, 70]) await replica(secondsAgo);
    const limiter = createRateLimiter(hot.sql, {});
    expect(await countAllowed(limiter, one(9), 20)).toBe(3);
    expect(await countAllowed(limiter, one(10), 20)).toBe(3);
    expect(await limiter.health()).toEqual({ configured: false, replicas: 3 });
  });

  test("gives every replica a share of at least one", async () => {
    for (let count = 0; count < 5; count++) await replica(0);
    expect(await countAllowed(createRateLimiter(hot.sql, {}), one(2), 20)).toBe(1);
  });

  test("lets a request that fits the limit but not the share take the whole share", async () => {
    await replica(0);
    await replica(0);
    const limiter = createRateLimiter(hot.sql, {});
    const bucket = window("tokens", 1000);
    const { states, correct } = await limiter.take([{ window: bucket, amount: 800 }], { allowLocal: false });
    expect(states).toMatchObject([{ fits: true, remaining: 0, window: { limit: 500 } }]);
    expect(await correct(800)).toMatchObject([{ remaining: 0 }]);
    const [later] = (await limiter.take([{ window: bucket, amount: 1 }], { allowLocal: false })).states;
    // The 300 beyond the share are owed: 36 s at 500 a minute.
    expect(later?.waitMs).toBeGreaterThan(35_000);
    const [never] = (await limiter.take([{ window: bucket, amount: 1001 }], { allowLocal: false })).states;
    expect(never?.waitMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("reads the number of replicas again after a quiet time", async () => {
    await replica(0);
    const limiter = createRateLimiter(hot.sql, {});
    expect(await limiter.health()).toMatchObject({ replicas: 1 });
    await replica(0);
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 10_000);
    expect(await limiter.health()).toMatchObject({ replicas: 2 });
    clock.mockRestore();
  });

  test("refreshes the number of replicas every few seconds", async () => {
    await replica(0);
    const limiter = createRateLimiter(hot.sql, {});
    expect(await limiter.health()).toMatchObject({ replicas: 1 });
    await replica(0);
    await expect.poll(() => limiter.health(), { timeout: 15_000 }).toMatchObject({ replicas: 2 });
  });
});

const kinds: [string, (redis: TestRedis, rest: UpstashRest) => LimiterSettings][] = [
  ["Redis over TCP", (redis) => ({ REDIS_URL: redis.url })],
  [
    "Upstash over REST",
    (_redis, rest) => ({ UPSTASH_REDIS_REST_URL: rest.url, UPSTASH_REDIS_REST_TOKEN: rest.token }),
  ],
];

// Redis has 200 ms to answer, which a busy machine may not give it.
describe.each(kinds)("with %s", { retry: 2 }, (_name, settings) => {
  let redis: TestRedis;
  let rest: UpstashRest;
  let limiter: RateLimiter;
  beforeEach(async () => {
    await database.sql`DELETE FROM instances`;
    redis = await startRedis();
    rest = await startUpstashRest(redis.url);
    limiter = createRateLimiter(hot.sql, settings(redis, rest));
  });
  afterEach(async () => {
    await limiter.close();
    await rest.close();
    await redis.kill();
  });

  /** Takes as a request does; returns how long it took, and whether Redis was unavailable. */
  async function ask(): Promise<{ unavailable: boolean; tookMs: number }> {
    const took = stopwatch();
    const unavailable = await limiter.take([one(1000)], { allowLocal: false }).then(
      () => false,
      (error) => {
        if (error instanceof RateStoreUnavailable) return true;
        throw error;
      },
    );
    return { unavailable, tookMs: took() };
  }
  const isBack = () => expect.poll(async () => (await ask()).unavailable, { timeout: 15_000 }).toBe(false);

  test("replicas share one count", async () => {
    const other = createRateLimiter(hot.sql, settings(redis, rest));
    const take = one(10);
    const allowed = await Promise.all([countAllowed(limiter, take, 15), countAllowed(other, take, 15)]);
    expect(allowed[0] + allowed[1]).toBe(10);
    expect(await limiter.health()).toMatchObject({ configured: true, healthy: true, replicas: null });
    await other.close();
  });

  describe.each([
    ["stopped", () => redis.kill(), () => redis.start()],
    ["frozen", async () => redis.freeze(), async () => redis.thaw()],
  ])("that is %s", (_state, takeAway, bringBack) => {
    test("no request waits longer than 250 ms, health says so, and it recovers automatically", async () => {
      expect(await ask()).toMatchObject({ unavailable: false });
      await takeAway();
      for (let times = 0; times < 5; times++) {
        const answers = await Promise.all(Array.from({ length: 20 }, ask));
        for (const { unavailable, tookMs } of answers) {
          expect(unavailable).toBe(true);
          expect(tookMs).toBeLessThan(250);
        }
      }
      const atOnce = await ask();
      expect(atOnce.unavailable).toBe(true);
      expect(atOnce.tookMs).toBeLessThan(100);
      expect(await limiter.health()).toEqual({
        configured: true,
        healthy: false,
        latencyMs: null,
        replicas: null,
      });
      await bringBack();
      await isBack();
      expect(await limiter.health()).toMatchObject({ configured: true, healthy: true });
    });

    test("callers that fail open get the windows of this process", async () => {
      const take = one(4);
      expect(await countAllowed(limiter, take, 1, true)).toBe(1);
      await takeAway();
      expect(await countAllowed(limiter, take, 10, true)).toBe(4);
      await bringBack();
      await isBack();
    });

    test("a correction that is lost does no harm", async () => {
      const { correct } = await limiter.take([{ window: window("tokens", 100), amount: 50 }], {
        allowLocal: false,
      });
      await takeAway();
      expect(await correct(20)).toEqual([]);
      await bringBack();
      await isBack();
    });
  });

  test.each([
    ["READONLY", ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]],
    ["OOM", ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"]],
  ])("that answers but rejects writes (%s) is unavailable, and health says so", async (_, spoil, repair) => {
    const operator = new Redis(redis.url);
    const tell = ([command = "", ...args]: string[]) => operator.call(command, ...args);
    await tell(spoil);
    expect(await limiter.health()).toMatchObject({ healthy: false });
    for (let times = 0; times < 5; times++) expect(await ask()).toMatchObject({ unavailable: true });
    expect(await limiter.health()).toMatchObject({ healthy: false });
    await tell(repair);
    expect(await limiter.health()).toMatchObject({ healthy: true });
    expect(await ask()).toMatchObject({ unavailable: false });
    operator.disconnect();
  });

  test("that is slow counts within the deadline, is unavailable beyond it, and delays no request for long", async () => {
    const proxy = await startFaultyProxy(redis.url);
    const slowRest = await startUpstashRest(proxy.url);
    const slow = createRateLimiter(hot.sql, settings({ ...redis, url: proxy.url }, slowRest));
    const take = one(1000);
    const asked = async () => {
      const took = stopwatch();
      const counted = await slow.take([take], { allowLocal: false }).then(
        () => true,
        () => false,
      );
      return { counted, tookMs: took() };
    };
    expect(await asked()).toMatchObject({ counted: true });
    proxy.delay(50);
    for (let times = 0; times < 3; times++) expect(await asked()).toMatchObject({ counted: true });
    proxy.delay(300);
    for (let times = 0; times < 5; times++) {
      const { counted, tookMs } = await asked();
      expect(counted).toBe(false);
      expect(tookMs).toBeLessThan(times < 3 ? 250 : 100);
    }
    expect(await slow.health()).toMatchObject({ healthy: false });
    proxy.delay(0);
    await expect.poll(async () => (await asked()).counted, { timeout: 8_000 }).toBe(true);
    await slow.close();
    await slowRest.close();
    await proxy.close();
  });

  test("that is down at the start is reported at once, and used once it is up", async () => {
    await limiter.close();
    await redis.kill();
    limiter = createRateLimiter(hot.sql, settings(redis, rest));
    expect(await ask()).toMatchObject({ unavailable: true });
    await redis.start();
    await isBack();
  });
});
