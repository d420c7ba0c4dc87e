import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { freezeDate } from "#lib/testing/frozen-date";
import { libraryStore } from "./library-store";
import { memoryStore } from "./memory-store";
import type { RateStore } from "./store";
import { tcpRunner } from "./tcp-runner";
import { startRedis, type TestRedis } from "./testing/redis-server";
import { startUpstashRest, type UpstashRest } from "./testing/upstash-rest";
import { requestWindow, tokenWindow } from "./testing/windows";
import { withoutExpiry } from "./testing/without-expiry";
import { upstashRunner } from "./upstash-runner";
import type { RateWindow, Take, WindowState } from "./window";

let redis: TestRedis;
let rest: UpstashRest;
beforeAll(async () => {
  redis = await startRedis();
  rest = await startUpstashRest(redis.url);
});
afterAll(async () => {
  await rest.close();
  await redis.kill();
});

/** The start of an hour: periods of a second, a minute and an hour start here. */
const START_MS = Date.UTC(2026, 0, 1, 12);
freezeDate(() => START_MS);
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

const stores: [string, () => RateStore][] = [
  ["process memory", () => memoryStore()],
  ["Redis over TCP", () => libraryStore(withoutExpiry(tcpRunner(redis.url)))],
  ["Upstash over REST", () => libraryStore(withoutExpiry(upstashRunner(rest.url, rest.token, 5_000)))],
];

describe.each(stores)("windows in %s", (_name, open) => {
  let store: RateStore;
  beforeAll(() => {
    store = open();
  });
  afterAll(() => store.close());

  async function takeOne(window: RateWindow, amount = 1): Promise<WindowState> {
    const [state] = await store.take([{ window, amount }]);
    if (!state) throw new Error("the store left a window out");
    return state;
  }
  async function correct(window: RateWindow, amount: number): Promise<WindowState> {
    const [state] = await store.correct([{ window, amount }]);
    if (!state) throw new Error("the store left a window out");
    return state;
  }
  /** Sends requests at once; returns how many are allowed. */
  async function countAllowed(takes: readonly Take[], asked: number): Promise<number> {
    const answers = await Promise.all(Array.from({ length: asked }, () => store.take(takes)));
    return answers.filter((states) => states.every(({ fits }) => fits)).length;
  }

  describe("requests", () => {
    test("allows exactly the limit, and reports the remainder each time", async () => {
      const window = requestWindow(3);
      expect([await takeOne(window), await takeOne(window), await takeOne(window)]).toMatchObject([
        { fits: true, remaining: 2 },
        { fits: true, remaining: 1 },
        { fits: true, remaining: 0, waitMs: 0 },
      ]);
      expect(await takeOne(window)).toMatchObject({ fits: false, remaining: 0 });
    });

    test("allows exactly the limit when all requests come at once", async () => {
      expect(await countAllowed([{ window: requestWindow(50), amount: 1 }], 200)).toBe(50);
    });

    test("slides: a quarter into a period, three quarters of the previous one count", async () => {
      const window = requestWindow(8);
      expect(await countAllowed([{ window, amount: 1 }], 20)).toBe(8);
      later(75_000);
      expect(await countAllowed([{ window, amount: 1 }], 20)).toBe(2);
      later(60_000);
      // One and a half of that minute's 2 count: rounded down to one.
      expect(await countAllowed([{ window, amount: 1 }], 20)).toBe(7);
    });

    test("counts nothing from two periods ago", async () => {
      const window = requestWindow(8);
      await countAllowed([{ window, amount: 1 }], 8);
      later(120_000);
      expect(await countAllowed([{ window, amount: 1 }], 20)).toBe(8);
    });

    test("may have any length: a hundred an hour", async () => {
      const window = requestWindow(100, 3600);
      expect(await countAllowed([{ window, amount: 1 }], 120)).toBe(100);
      later(1_800_000);
      expect(await takeOne(window)).toMatchObject({ fits: false });
    });

    test("keeps the count when the limit changes", async () => {
      const window = requestWindow(10);
      await countAllowed([{ window, amount: 1 }], 4);
      expect(await takeOne({ ...window, limit: 4 })).toMatchObject({ fits: false, remaining: 0 });
      expect(await takeOne({ ...window, limit: 20 })).toMatchObject({ fits: true, remaining: 15 });
    });

    test("does not touch windows with other keys", async () => {
      const full = requestWindow(1);
      await takeOne(full);
      expect(await takeOne(requestWindow(1))).toMatchObject({ fits: true });
      expect(await takeOne(full)).toMatchObject({ fits: false });
    });
  });

  describe("tokens", () => {
    test("allows any amount up to the contents, and a rejection takes nothing", async () => {
      const window = tokenWindow(1000);
      expect(await takeOne(window, 700)).toMatchObject({ fits: true, remaining: 300 });
      expect(await takeOne(window, 301)).toMatchObject({ fits: false, remaining: 300 });
      expect(await takeOne(window, 300)).toMatchObject({ fits: true, remaining: 0 });
    });

    test("refill evenly, whatever the limit: a tenth of it in a tenth of a minute", async () => {
      const window = tokenWindow(997);
      await takeOne(window, 997);
      later(6_000);
      expect(await takeOne(window, 100)).toMatchObject({ fits: false, remaining: 99 });
      expect(await takeOne(window, 99)).toMatchObject({ fits: true, remaining: 0 });
      later(3_600_000);
      expect(await takeOne(window, 1)).toMatchObject({ remaining: 996 });
    });

    test.each([
      ["ten seconds", 10],
      ["a day", 86_400],
      ["a month", 2_678_400],
    ])("refill evenly over %s, too, also of very many", async (_name, seconds) => {
      for (const limit of [1000, 10_000_000_000]) {
        const window = tokenWindow(limit, undefined, seconds);
        await takeOne(window, limit);
        later(seconds * 100);
        expect(await takeOne(window, limit / 10 + 1)).toMatchObject({ fits: false, remaining: limit / 10 });
        expect(await takeOne(window, limit / 10)).toMatchObject({ fits: true, remaining: 0 });
        expect(await correct(window, limit / 10)).toMatchObject({ resetMs: seconds * 1100 });
      }
    });

    test("return when too many were taken, never beyond the limit", async () => {
      const window = tokenWindow(1000);
      await takeOne(window, 700);
      expect(await correct(window, -600)).toMatchObject({ remaining: 900 });
      expect(await correct(window, -600)).toMatchObject({ remaining: 1000, resetMs: 0 });
      expect(await takeOne(window, 1000)).toMatchObject({ fits: true });
    });

    test("are owed when too few were taken: refills pay them first", async () => {
      const window = tokenWindow(600);
      await takeOne(window, 100);
      expect(await correct(window, 800)).toMatchObject({ remaining: 0, resetMs: 90_000 });
      expect(await takeOne(window, 1)).toMatchObject({ fits: false, waitMs: 30_100 });
      later(30_000);
      expect(await takeOne(window, 1)).toMatchObject({ fits: false });
      later(100);
      expect(await takeOne(window, 1)).toMatchObject({ fits: true, remaining: 0 });
    });

    test("beyond the capacity never fit, and take nothing", async () => {
      const window = tokenWindow(100);
      expect(await takeOne(window, 101)).toMatchObject({
        fits: false,
        remaining: 100,
        waitMs: Number.POSITIVE_INFINITY,
      });
      expect(await takeOne(window, 100)).toMatchObject({ fits: true });
    });
  });

  test("peeking returns the state of windows, in their order, and takes nothing", async () => {
    const [counted, bucket, untouched] = [requestWindow(5), tokenWindow(600), requestWindow(9, 3600)];
    const took = await store.take([
      { window: counted, amount: 1 },
      { window: bucket, amount: 100 },
    ]);
    const fresh = { fits: true, remaining: 9, waitMs: 0, resetMs: 0 };
    for (let times = 0; times < 3; times++) {
      expect(await store.peek([untouched, counted, bucket])).toEqual([
        { window: untouched, ...fresh },
        ...took,
      ]);
    }
    later(75_000);
    const [request, token] = await store.peek([counted, bucket]);
    expect([request?.remaining, token?.remaining]).toEqual([5, 600]);
    // A full window does not make peeking fail.
    await countAllowed([{ window: counted, amount: 1 }], 9);
    expect(await store.peek([counted])).toMatchObject([{ fits: true, remaining: 0 }]);
  });

  describe("several windows of a request", () => {
    test("take from all or from none, whichever of them is full", async () => {
      const windows = { minute: requestWindow(10), hour: requestWindow(2, 3600), tokens: tokenWindow(1000) };
      const takes: Take[] = [
        { window: windows.minute, amount: 1 },
        { window: windows.hour, amount: 1 },
        { window: windows.tokens, amount: 400 },
      ];
      expect(await countAllowed(takes, 30)).toBe(2);
      expect(await store.take(takes)).toMatchObject([
        { fits: true, remaining: 8 },
        { fits: false, remaining: 0 },
        { fits: false, remaining: 200 },
      ]);
      expect(await countAllowed([{ window: windows.minute, amount: 1 }], 30)).toBe(8);
      expect(await takeOne(windows.tokens, 200)).toMatchObject({ fits: true });
    });

    test("a flood that one window rejects takes nothing from a window that others share", async () => {
      const organization = { window: requestWindow(100), amount: 1 };
      const flooding = { window: requestWindow(5), amount: 1 };
      const quiet = { window: requestWindow(1000), amount: 1 };
      const [flood, others] = await Promise.all([
        countAllowed([organization, flooding], 300),
        countAllowed([organization, quiet], 95),
      ]);
      expect([flood, others]).toEqual([5, 95]);
    });
  });

  describe("reports times that are exact to the millisecond:", () => {
    const burst = fc.record({
      pauseMs: fc.integer({ min: 0, max: 900 }),
      asked: fc.integer({ min: 1, max: 30 }),
    });
    const history = fc.array(burst, { minLength: 1, maxLength: 4 });
    const limits = fc.integer({ min: 1, max: 25 });

    test("until a rejected request fits", async () => {
      await fc.assert(
        fc.asyncProperty(limits, history, fc.boolean(), async (limit, bursts, areTokens) => {
          const window = areTokens ? tokenWindow(limit * 100) : requestWindow(limit, 1);
          const amount = areTokens ? limit * 70 : 1;
          for (const { pauseMs, asked } of bursts) {
            later(pauseMs);
            for (let times = 0; times < asked; times++) await takeOne(window, amount);
          }
          const { fits, waitMs } = await takeOne(window, amount);
          if (fits) return;
          later(waitMs - 1);
          expect(await takeOne(window, amount)).toMatchObject({ fits: false, waitMs: 1 });
          later(1);
          expect(await takeOne(window, amount)).toMatchObject({ fits: true });
        }),
        { numRuns: 30 },
      );
    });

    test("until a window is in its initial state", async () => {
      await fc.assert(
        fc.asyncProperty(
          limits,
          history,
          fc.boolean(),
          fc.boolean(),
          async (limit, bursts, areTokens, early) => {
            const window = areTokens ? tokenWindow(limit * 100) : requestWindow(limit, 1);
            let last = await takeOne(window);
            for (const { pauseMs, asked } of bursts) {
              later(pauseMs);
              for (let times = 0; times < asked; times++) last = await takeOne(window);
            }
            later(early ? last.resetMs - 1 : last.resetMs);
            const { fits, remaining } = await takeOne(window);
            if (early) expect(fits && remaining === window.limit - 1).toBe(false);
            else expect([fits, remaining]).toEqual([true, window.limit - 1]);
          },
        ),
        { numRuns: 30 },
      );
    });
  });

  test("goes by the stopped clock alone, however slow a test is", async () => {
    const window = tokenWindow(60_000);
    expect(await takeOne(window)).toMatchObject({ remaining: 59_999, resetMs: 100 });
    await sleep(150);
    expect(await takeOne(window)).toMatchObject({ remaining: 59_998, resetMs: 100 });
  });

  test("agrees with process memory in any sequence of calls", async () => {
    const memory = memoryStore();
    const step = fc.oneof(
      fc.record({ laterMs: fc.integer({ min: 0, max: 1500 }) }),
      fc.record({ take: fc.tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 0, max: 7 })) }),
      fc.record({ correct: fc.integer({ min: -900, max: 900 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const windows = [requestWindow(3, 1), requestWindow(5, 2), tokenWindow(1000)];
        for (const one of steps) {
          if ("laterMs" in one) later(one.laterMs);
          else if ("take" in one) {
            const [amount, which] = one.take;
            const takes = windows
              .filter((_, place) => which === 0 || which & (1 << place))
              .map((window) => ({ window, amount: window.unit === "tokens" ? amount : 1 }));
            expect(await store.take(takes)).toEqual(await memory.take(takes));
          } else {
            const takes = windows.slice(2).map((window) => ({ window, amount: one.correct }));
            expect(await store.correct(takes)).toEqual(await memory.correct(takes));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
