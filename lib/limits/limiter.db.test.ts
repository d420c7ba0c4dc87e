import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openHotDatabase } from "#lib/db/client";
import { startCable } from "#lib/db/testing/cable";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
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
  // An hour for requests, so that hardly a test meets the end of one.
  return { key: randomUUID(), scope: "api_key", unit, limit, seconds: unit === "tokens" ? 60 : 3600 };
}
const one = (limit: number): Take => ({ window: window("requests", limit), amount: 1 });

async function howMany(limiter: RateLimiter, take: Take, asked: number, allowLocal = false): Promise<number> {
  let served = 0;
  for (let times = 0; times < asked; times++) {
    const { states } = await limiter.take([take], { allowLocal });
    if (states.every(({ fits }) => fits)) served += 1;
  }
  return served;
}

describe("without Redis", () => {
  /** A heartbeat of so many seconds ago has a lease of a minute. */
  const replica = (secondsAgo: number) => database.sql`
    INSERT INTO instances (id, alive_until, oldest_open)
    VALUES (gen_random_uuid(), now() + make_interval(secs => ${60 - secondsAgo}), gen_random_uuid())`;
  beforeEach(async () => {
    await database.sql`DELETE FROM instances`;
  });

  test("a replica alone has the whole of a limit", async () => {
    await replica(0);
    const limiter = createRateLimiter(hot.sql, {});
    expect(await howMany(limiter, one(9), 20)).toBe(9);
    expect(await limiter.health()).toEqual({ configured: false, replicas: 1 });
  });

  test("of several that are alive each has its share, and says so; one that died has none", async () => {
    for (const secondsAgo of [0, 10, 20, 70]) await replica(secondsAgo);
    const limiter = createRateLimiter(hot.sql, {});
    expect(await howMany(limiter, one(9), 20)).toBe(3);
    expect(await howMany(limiter, one(10), 20)).toBe(3);
    expect(await limiter.health()).toEqual({ configured: false, replicas: 3 });
  });

  test("nobody's share is nothing", async () => {
    for (let count = 0; count < 5; count++) await replica(0);
    expect(await howMany(createRateLimiter(hot.sql, {}), one(2), 20)).toBe(1);
  });

  test("what fits into the limit, though not into a share, takes the whole share", async () => {
    await replica(0);
    await replica(0);
    const limiter = createRateLimiter(hot.sql, {});
    const bucket = window("tokens", 1000);
    const { states, correct } = await limiter.take([{ window: bucket, amount: 800 }], { allowLocal: false });
    expect(states).toMatchObject([{ fits: true, remaining: 0, window: { limit: 500 } }]);
    expect(await correct(800)).toMatchObject([{ remaining: 0 }]);
    const [later] = (await limiter.take([{ window: bucket, amount: 1 }], { allowLocal: false })).states;
    // 300 more than the share are owed: at 500 a minute that is 36 s.
    expect(later?.waitMs).toBeGreaterThan(35_000);
    const [never] = (await limiter.take([{ window: bucket, amount: 1001 }], { allowLocal: false })).states;
    expect(never?.waitMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("after a quiet time nobody goes by the number that was", async () => {
    await replica(0);
    const limiter = createRateLimiter(hot.sql, {});
    expect(await limiter.health()).toMatchObject({ replicas: 1 });
    await replica(0);
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 10_000);
    expect(await limiter.health()).toMatchObject({ replicas: 2 });
    clock.mockRestore();
  });

  test("the number of replicas is found out anew every few seconds", async () => {
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

describe.each(kinds)("with %s", (_name, settings) => {
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

  /** Asks as a request does; how long it took, and whether it was told that Redis is away. */
  async function ask(): Promise<{ away: boolean; tookMs: number }> {
    const askedAtMs = performance.now();
    const away = await limiter.take([one(1000)], { allowLocal: false }).then(
      () => false,
      (error) => {
        if (error instanceof RateStoreUnavailable) return true;
        throw error;
      },
    );
    return { away, tookMs: performance.now() - askedAtMs };
  }
  const isBack = () => expect.poll(async () => (await ask()).away, { timeout: 15_000 }).toBe(false);

  test("replicas count together", async () => {
    const other = createRateLimiter(hot.sql, settings(redis, rest));
    const take = one(10);
    const served = await Promise.all([howMany(limiter, take, 15), howMany(other, take, 15)]);
    expect(served[0] + served[1]).toBe(10);
    expect(await limiter.health()).toMatchObject({ configured: true, healthy: true, replicas: null });
    await other.close();
  });

  describe.each([
    ["gone", () => redis.kill(), () => redis.start()],
    ["frozen", async () => redis.freeze(), async () => redis.thaw()],
  ])("and it %s", (_state, takeAway, bringBack) => {
    test("nobody waits for it longer than 250 ms, it is told, and it recovers by itself", {
      retry: 2,
    }, async () => {
      expect(await ask()).toMatchObject({ away: false });
      await takeAway();
      for (let times = 0; times < 5; times++) {
        const answers = await Promise.all(Array.from({ length: 20 }, ask));
        for (const { away, tookMs } of answers) {
          expect(away).toBe(true);
          expect(tookMs).toBeLessThan(250);
        }
      }
      const atOnce = await ask();
      expect(atOnce.away).toBe(true);
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

    test("who goes on without it has windows of this process alone", async () => {
      const take = one(4);
      expect(await howMany(limiter, take, 1, true)).toBe(1);
      await takeAway();
      expect(await howMany(limiter, take, 10, true)).toBe(4);
      await bringBack();
      await isBack();
    });

    test("a correction that it does not hear does no harm", async () => {
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
  ])(
    "and it answers, but takes nothing in (%s): that is away, and health says so",
    async (_, spoil, mend) => {
      const operator = new Redis(redis.url);
      const tell = ([command = "", ...args]: string[]) => operator.call(command, ...args);
      await tell(spoil);
      expect(await limiter.health()).toMatchObject({ healthy: false });
      for (let times = 0; times < 5; times++) expect(await ask()).toMatchObject({ away: true });
      expect(await limiter.health()).toMatchObject({ healthy: false });
      await tell(mend);
      expect(await limiter.health()).toMatchObject({ healthy: true });
      expect(await ask()).toMatchObject({ away: false });
      operator.disconnect();
    },
  );

  test("and it is slow: in time it counts, too late it is away, and either way nobody waits for long", async () => {
    const cable = await startCable(redis.url);
    const slowRest = await startUpstashRest(cable.url);
    const slow = createRateLimiter(hot.sql, settings({ ...redis, url: cable.url }, slowRest));
    const take = one(1000);
    const asked = async () => {
      const askedAtMs = performance.now();
      const counted = await slow.take([take], { allowLocal: false }).then(
        () => true,
        () => false,
      );
      return { counted, tookMs: performance.now() - askedAtMs };
    };
    expect(await asked()).toMatchObject({ counted: true });
    cable.drag(50);
    for (let times = 0; times < 3; times++) expect(await asked()).toMatchObject({ counted: true });
    cable.drag(300);
    for (let times = 0; times < 5; times++) {
      const { counted, tookMs } = await asked();
      expect(counted).toBe(false);
      expect(tookMs).toBeLessThan(times < 3 ? 250 : 20);
    }
    expect(await slow.health()).toMatchObject({ healthy: false });
    cable.drag(0);
    await expect.poll(async () => (await asked()).counted, { timeout: 8_000 }).toBe(true);
    await slow.close();
    await slowRest.close();
    await cable.close();
  });

  test("and it is gone at the start: requests are told at once, and served once it is there", async () => {
    await limiter.close();
    await redis.kill();
    limiter = createRateLimiter(hot.sql, settings(redis, rest));
    expect(await ask()).toMatchObject({ away: true });
    await redis.start();
    await isBack();
  });
});
