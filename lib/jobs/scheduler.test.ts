import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { log } from "#lib/observability/log";
import { startScheduler } from "./scheduler";

const MIDDLE = () => 0.5;

describe("the scheduler", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("runs a job first within its interval, then one interval after each run", async () => {
    const run = vi.fn(async () => {});
    const scheduler = startScheduler([{ name: "sweep", everyMs: 1000, run }], MIDDLE);
    await vi.advanceTimersByTimeAsync(499);
    expect(run).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(run).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3000);
    expect(run).toHaveBeenCalledTimes(4);
    await scheduler.stop();
  });

  test("varies waits by at most a tenth either way", async () => {
    const early = vi.fn(async () => {});
    const late = vi.fn(async () => {});
    const schedulers = [
      startScheduler([{ name: "early", everyMs: 1000, run: early }], () => 0),
      startScheduler([{ name: "late", everyMs: 1000, run: late }], () => 0.999),
    ];
    await vi.advanceTimersByTimeAsync(1000);
    expect([early.mock.calls.length, late.mock.calls.length]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(1100);
    expect(late).toHaveBeenCalledTimes(2);
    for (const scheduler of schedulers) await scheduler.stop();
  });

  test("does not start a job that is still running", async () => {
    let finish = () => {};
    const run = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const scheduler = startScheduler([{ name: "slow", everyMs: 1000, run }], MIDDLE);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(run).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(1000);
    expect(run).toHaveBeenCalledTimes(2);
    finish();
    await scheduler.stop();
  });

  test("logs a failed job and runs it and the others again", async () => {
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    const broken = vi.fn(() => Promise.reject(new Error("no database")));
    const thrown = vi.fn(() => {
      throw new Error("at once");
    });
    const healthy = vi.fn(async () => {});
    const scheduler = startScheduler(
      [
        { name: "broken", everyMs: 1000, run: broken },
        { name: "thrown", everyMs: 1000, run: thrown },
        { name: "healthy", everyMs: 1000, run: healthy },
      ],
      MIDDLE,
    );
    await vi.advanceTimersByTimeAsync(2000);
    expect([broken, thrown, healthy].map((run) => run.mock.calls.length)).toEqual([2, 2, 2]);
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ job: "broken" }), expect.any(String));
    await scheduler.stop();
  });

  test("waits for running jobs and starts no more when stopped", async () => {
    let finish = () => {};
    const run = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const scheduler = startScheduler([{ name: "slow", everyMs: 1000, run }], MIDDLE);
    await vi.advanceTimersByTimeAsync(500);
    const stopped = vi.fn();
    const stopping = scheduler.stop().then(stopped);
    await vi.advanceTimersByTimeAsync(5000);
    expect(stopped).not.toHaveBeenCalled();
    finish();
    await stopping;
    await vi.advanceTimersByTimeAsync(5000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
