import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { stopwatch } from "#lib/testing/promptness";
import type { Connections } from "./connections";
import { type DatabaseWatch, watchDatabase } from "./watch";

const failing = (code: string) => Object.assign(new Error(code), { code });
const never = () => new Promise<never>(() => {});

let probe: () => Promise<void>;
let receivedBytes: number;
let changes: boolean[];
const cut = vi.fn();
const cutSilent = vi.fn();
let watch: DatabaseWatch;

beforeEach(() => {
  probe = async () => {};
  receivedBytes = 0;
  changes = [];
  cut.mockClear();
  cutSilent.mockClear();
  const connections: Connections = {
    open: () => {
      throw new Error("unexpected");
    },
    received: () => receivedBytes,
    watchSilence: () => cutSilent,
    cut,
  };
  watch = watchDatabase({
    probe: () => probe(),
    endProbe: () => {},
    connections,
    onChange: (isUnavailable) => changes.push(isUnavailable),
  });
});
afterEach(() => watch.stop());

async function timed<T>(promise: Promise<T>) {
  const [startedAt, took] = [performance.now(), stopwatch()];
  const value = await promise.then(
    (found) => found,
    (error) => error,
  );
  return { value, tookMs: took(), passedMs: performance.now() - startedAt };
}

describe("a database", () => {
  test("that is silent on every connection is unavailable within a second, and its connections are closed", {
    // Slices take longer on a busy machine.
    retry: 2,
  }, async () => {
    probe = never;
    const { value, tookMs } = await timed(watch.within(never, 5_000));
    expect(value).toMatchObject({ name: "DatabaseUnavailable", maybeDone: true });
    expect(tookMs).toBeLessThan(1_000);
    expect([watch.isUnavailable(), changes, cut.mock.calls.length]).toEqual([true, [true], 1]);
  });

  test("that refuses connections is unavailable at once", async () => {
    probe = () => Promise.reject(failing("ECONNREFUSED"));
    const call = () => Promise.reject(failing("ECONNREFUSED"));
    await expect(watch.within(call, 5_000)).rejects.toThrow("ECONNREFUSED");
    // Neither listening nor a pending probe, which would both take longer.
    expect((await timed(watch.check())).tookMs).toBeLessThan(400);
    expect(watch.isUnavailable()).toBe(true);
  });

  test.each([
    ["answers a probe, but not the call,", async () => {}],
    ["has no free connections", () => Promise.reject(failing("53300"))],
    ["rejects our password", () => Promise.reject(failing("28P01"))],
  ])("that %s is available: the call gets its whole deadline", async (_, answer) => {
    probe = answer;
    const { value, passedMs } = await timed(watch.within(never, 1_000));
    expect(value).toMatchObject({ name: "DatabaseUnavailable", maybeDone: true });
    expect(passedMs).toBeGreaterThan(990);
    expect(watch.isUnavailable()).toBe(false);
  });

  test("whose probe got the connection that the last one closed is probed again", async () => {
    const answers = [() => Promise.reject(failing("CONNECTION_CLOSED")), async () => {}];
    probe = () => (answers.shift() ?? never)();
    expect(await watch.check()).toBe(true);
    expect(changes).toEqual([]);
    probe = () => Promise.reject(failing("CONNECTION_CLOSED"));
    expect(await watch.check()).toBe(false);
    probe = async () => {};
    await watch.untilAvailable();
  });

  test("that answers other calls is available, without a probe", async () => {
    const probed = vi.fn(never);
    probe = probed;
    const traffic = setInterval(() => {
      receivedBytes += 100;
    }, 20);
    const slow = () => new Promise<string>((resolve) => setTimeout(() => resolve("late"), 600));
    expect(await watch.within(slow, 5_000)).toBe("late");
    clearInterval(traffic);
    expect([watch.isUnavailable(), probed.mock.calls.length]).toEqual([false, 0]);
  });

  test("is not unavailable when this process itself was frozen", { retry: 2 }, async () => {
    probe = async () => {
      // As many turns of the event loop as a new connection takes.
      for (let turn = 0; turn < 8; turn++) await readFile(fileURLToPath(import.meta.url));
    };
    const checking = watch.check();
    const until = Date.now() + 1_500;
    while (Date.now() < until);
    expect(await checking).toBe(true);
  });

  test("loses the connections that stay silent for longer than a lock time-out", async () => {
    void watch.within(never, 5_000).catch(() => {});
    await expect.poll(() => cutSilent.mock.calls.length, { timeout: 4_500 }).toBe(1);
    expect(cut).not.toHaveBeenCalled();
  });
});

describe("an unavailable database", () => {
  test("gets no calls until it answers again, which resolves those that wait for it", async () => {
    probe = () => Promise.reject(failing("57P03"));
    await watch.check();
    const call = vi.fn(async () => "done");
    await expect(watch.within(call, 5_000)).rejects.toMatchObject({ maybeDone: false });
    expect(call).not.toHaveBeenCalled();

    const listener = vi.fn();
    watch.onAvailable(listener);
    const available = watch.untilAvailable();
    probe = async () => {};
    await available;
    expect([watch.isUnavailable(), changes, listener.mock.calls.length]).toEqual([false, [true, false], 1]);
    expect(await watch.within(call, 5_000)).toBe("done");
  });
});
