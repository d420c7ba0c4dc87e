import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeError } from "#lib/observability/describe-error";
import { libraryStore, type ScriptRunner } from "./library-store";
import { tcpRunner } from "./tcp-runner";
import { startRedis, type TestRedis } from "./testing/redis-server";
import { startUpstashRest, type UpstashRest } from "./testing/upstash-rest";
import { requestWindow, tokenWindow } from "./testing/windows";
import { upstashRunner } from "./upstash-runner";
import { type Take, windowsOf } from "./window";

let redis: TestRedis;
let rest: UpstashRest;
let inspector: Redis;
beforeAll(async () => {
  redis = await startRedis();
  rest = await startUpstashRest(redis.url);
  inspector = new Redis(redis.url);
});
afterAll(async () => {
  inspector.disconnect();
  await rest.close();
  await redis.kill();
});

/** Counts the calls to Redis. */
function counted(runner: ScriptRunner): ScriptRunner & { calls: number } {
  const counting = {
    ...runner,
    calls: 0,
    evalsha: (...call: Parameters<ScriptRunner["evalsha"]>) => {
      counting.calls += 1;
      return runner.evalsha(...call);
    },
    eval: (...call: Parameters<ScriptRunner["eval"]>) => {
      counting.calls += 1;
      return runner.eval(...call);
    },
  };
  return counting;
}

const eight = (): Take[] => [
  ...[1, 60, 3600, 86_400].map((seconds) => ({ window: requestWindow(100, seconds), amount: 1 })),
  ...[1, 2, 3, 4].map((thousands) => ({ window: tokenWindow(thousands * 1000), amount: 10 })),
];

test.each([
  ["Redis over TCP", () => tcpRunner(redis.url)],
  ["Upstash over REST", () => upstashRunner(rest.url, rest.token, 5_000)],
])("takes all windows of a request in one round trip: %s", async (_name, open) => {
  const runner = counted(open());
  const store = libraryStore(runner);
  await store.take(eight());
  const [calls, overHttp] = [runner.calls, rest.requests()];
  for (let times = 0; times < 5; times++) await store.take(eight());
  expect(runner.calls - calls).toBe(5);
  if (runner.isUpstash) expect(rest.requests() - overHttp).toBe(5);
  await store.close();
});

test("shares an HTTP request between calls in the same tick", async () => {
  const store = libraryStore(upstashRunner(rest.url, rest.token, 5_000));
  await store.take(eight());
  const before = rest.requests();
  await Promise.all(Array.from({ length: 50 }, () => store.take(eight())));
  expect(rest.requests() - before).toBe(1);
});

test("sends the script again after Redis has forgotten it", async () => {
  const store = libraryStore(tcpRunner(redis.url));
  const window = requestWindow(5);
  await store.take([{ window, amount: 1 }]);
  await inspector.script("FLUSH");
  expect(await store.take([{ window, amount: 1 }])).toMatchObject([{ fits: true, remaining: 3 }]);
  await store.close();
});

test("keeps the windows of a request in one hash slot, as a cluster requires", async () => {
  const node = await startRedis([
    "--cluster-enabled",
    "yes",
    "--dir",
    mkdtempSync(join(tmpdir(), "tollgate-")),
  ]);
  const operator = new Redis(node.url);
  await operator.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await expect.poll(() => operator.call("CLUSTER", "INFO"), { timeout: 8_000 }).toContain("cluster_state:ok");
  const store = libraryStore(tcpRunner(node.url));
  const rates = { requests_per_minute: 5, tokens_per_minute: 1_000 };
  const windows = windowsOf(
    randomUUID(),
    (["api_key", "user", "app", "organization"] as const).map((scope) => ({
      scope,
      id: randomUUID(),
      rates,
    })),
    { perMinute: 0, windows: [] },
  );
  const takes = windows.map((window) => ({ window, amount: 2 - Number(window.unit === "requests") }));
  expect((await store.take(takes)).map(({ remaining }) => remaining)).toEqual([
    4, 998, 4, 998, 4, 998, 4, 998,
  ]);
  expect(await store.peek(windows)).toHaveLength(windows.length);
  await store.correct(takes.filter(({ window }) => window.unit === "tokens"));
  await store.ping();
  await store.close();
  operator.disconnect();
  await node.kill();
});

test("reports why Redis cannot be used, without its password", async () => {
  await inspector.call("ACL", "SETUSER", "limited", "on", ">right", "~*", "+@all");
  const store = libraryStore(tcpRunner(redis.url.replace("://", "://limited:wrong-secret@")));
  await expect
    .poll(async () => describeError(await store.take(eight()).catch((error) => error)), { timeout: 5_000 })
    .toMatchObject({ cause: { message: expect.stringContaining("WRONGPASS") } });
  const failure = await store.take(eight()).catch((error) => error);
  expect(JSON.stringify(describeError(failure))).not.toContain("wrong-secret");
  await store.close();
});

test("uses keys that start with the product's name, hold ids only and expire", async () => {
  await inspector.flushall();
  const store = libraryStore(tcpRunner(redis.url));
  const [request, bucket] = [
    requestWindow(5, 60, "{organization}:api_key:1:requests:60"),
    tokenWindow(100, "{organization}:user:2:tokens"),
  ];
  await store.take([
    { window: request, amount: 1 },
    { window: bucket, amount: 10 },
  ]);
  await store.correct([{ window: bucket, amount: 20 }]);
  const keys = (await inspector.keys("*")).sort();
  expect(keys).toEqual([
    expect.stringMatching(/^tollgate:\{organization\}:api_key:1:requests:60:\d+$/),
    "tollgate:{organization}:user:2:tokens",
  ]);
  for (const key of keys) expect(await inspector.pttl(key)).toBeGreaterThan(1_000);
  await store.correct([{ window: bucket, amount: -1000 }]);
  expect(await inspector.exists("tollgate:{organization}:user:2:tokens")).toBe(0);
  await store.close();
});
