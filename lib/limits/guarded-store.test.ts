import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { guardedStore } from "./guarded-store";
import { memoryStore } from "./memory-store";
import type { RateStore } from "./store";

/** Whether the store was reported available, in order. */
let changes: boolean[];
let works: boolean;
let asked: number;
let guarded: RateStore;
beforeEach(() => {
  vi.useFakeTimers();
  [changes, works, asked] = [[], true, 0];
  const memory = memoryStore();
  const answer = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    asked += 1;
    return works ? ask() : Promise.reject(new Error("refused"));
  };
  guarded = guardedStore(
    {
      take: (takes) => answer(() => memory.take(takes)),
      peek: (windows) => answer(() => memory.peek(windows)),
      correct: (takes) => answer(() => memory.correct(takes)),
      ping: () => answer(memory.ping),
      close: memory.close,
    },
    ({ available }) => changes.push(available),
  );
});
afterEach(async () => {
  await guarded.close();
  vi.useRealTimers();
});

const take = () =>
  guarded.take([]).then(
    () => "counted",
    (error: Error) => error.name,
  );

/** Sends requests at once; returns their distinct outcomes. */
const burst = async (times = 5) => new Set(await Promise.all(Array.from({ length: times }, take)));

describe("a store that fails", () => {
  test("is no longer asked by requests, only probed in the background", async () => {
    works = false;
    expect(await burst()).toEqual(new Set(["RateStoreUnavailable"]));
    expect(changes).toEqual([false]);
    asked = 0;
    expect(await burst()).toEqual(new Set(["RateStoreUnavailable"]));
    expect(asked).toBe(0);
    await vi.advanceTimersByTimeAsync(5_100);
    expect(asked).toBe(10);
    expect(await burst()).toEqual(new Set(["RateStoreUnavailable"]));
    expect(asked).toBe(10);
  });

  test("rejects no request after it recovers, even without traffic in between", async () => {
    works = false;
    await burst();
    works = true;
    await vi.advanceTimersByTimeAsync(510);
    expect(changes).toEqual([false, true]);
    expect(await burst(50)).toEqual(new Set(["counted"]));
    asked = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(0);
  });

  test("is retried by requests when timers were frozen", async () => {
    works = false;
    await burst();
    works = true;
    // Frozen: the clock advances, timers do not run.
    const nowMs = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(nowMs + 3_600_000);
    expect(await burst(50)).toEqual(new Set(["counted"]));
    expect(changes).toEqual([false, true]);
    vi.restoreAllMocks();
  });

  test("is not probed after it is closed", async () => {
    works = false;
    await burst();
    await guarded.close();
    asked = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(0);
  });
});
