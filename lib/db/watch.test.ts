import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Connections } from "./connections";
import { type DatabaseWatch, watchDatabase } from "./watch";

const failing = (code: string) => Object.assign(new Error(code), { code });
const never = () => new Promise<never>(() => {});

let ask: () => Promise<void>;
let receivedBytes: number;
let changes: boolean[];
const cut = vi.fn();
const cutSilent = vi.fn();
let watch: DatabaseWatch;

beforeEach(() => {
  ask = async () => {};
  receivedBytes = 0;
  changes = [];
  cut.mockClear();
  cutSilent.mockClear();
  const connections: Connections = {
    open: () => {
      throw new Error("nothing is opened here");
    },
    received: () => receivedBytes,
    watchSilence: () => cutSilent,
    cut,
  };
  watch = watchDatabase({
    ask: () => ask(),
    hangUp: () => {},
    connections,
    onChange: (away) => changes.push(away),
  });
});
afterEach(() => watch.stop());

async function timed<T>(promise: Promise<T>) {
  const startedAt = performance.now();
  const value = await promise.then(
    (found) => found,
    (error) => error,
  );
  return { value, tookMs: performance.now() - startedAt };
}

describe("a database", () => {
  test("that says nothing, on any connection, is away in less than a second; its connections are cut", {
    // Slices of waiting grow with what else the machine does; nothing else is different the next time.
    retry: 2,
  }, async () => {
    ask = never;
    const { value, tookMs } = await timed(watch.within(never, 5_000));
    expect(value).toMatchObject({ name: "DatabaseUnavailable", maybeDone: true });
    expect(tookMs).toBeLessThan(1_000);
    expect([watch.isAway(), changes, cut.mock.calls.length]).toEqual([true, [true], 1]);
  });

  test("that refuses is away at once", async () => {
    ask = () => Promise.reject(failing("ECONNREFUSED"));
    const call = () => Promise.reject(failing("ECONNREFUSED"));
    await expect(watch.within(call, 5_000)).rejects.toThrow("ECONNREFUSED");
    // Without listening to silence, and without asking: either would take longer.
    expect((await timed(watch.check())).tookMs).toBeLessThan(400);
    expect(watch.isAway()).toBe(true);
  });

  test.each([
    ["answers, though a call does not", async () => {}],
    ["has all the connections that it allows", () => Promise.reject(failing("53300"))],
    ["refuses our password", () => Promise.reject(failing("28P01"))],
  ])("that %s, is there: the call has all its time", async (_, answer) => {
    ask = answer;
    const { value, tookMs } = await timed(watch.within(never, 1_000));
    expect(value).toMatchObject({ name: "DatabaseUnavailable", maybeDone: true });
    expect(tookMs).toBeGreaterThan(990);
    expect(watch.isAway()).toBe(false);
  });

  test("that answers others is there, and is not even asked", async () => {
    const asked = vi.fn(never);
    ask = asked;
    const traffic = setInterval(() => {
      receivedBytes += 100;
    }, 20);
    const slow = () => new Promise<string>((resolve) => setTimeout(() => resolve("late"), 600));
    expect(await watch.within(slow, 5_000)).toBe("late");
    clearInterval(traffic);
    expect([watch.isAway(), asked.mock.calls.length]).toEqual([false, 0]);
  });

  test("is not taken for away when it is this process that stood still", async () => {
    ask = async () => {
      // As many turns of the event loop as a connection takes.
      for (let turn = 0; turn < 8; turn++) await readFile(fileURLToPath(import.meta.url));
    };
    const checking = watch.check();
    const until = Date.now() + 1_500;
    while (Date.now() < until);
    expect(await checking).toBe(true);
  });

  test("on whose connections a call hears nothing for longer than a lock is waited for has them cut", async () => {
    void watch.within(never, 5_000).catch(() => {});
    await expect.poll(() => cutSilent.mock.calls.length, { timeout: 4_500 }).toBe(1);
    expect(cut).not.toHaveBeenCalled();
  });
});

describe("while it is away", () => {
  test("nothing is sent, until it answers again; then whoever waits for that goes on", async () => {
    ask = () => Promise.reject(failing("57P03"));
    await watch.check();
    const call = vi.fn(async () => "done");
    await expect(watch.within(call, 5_000)).rejects.toMatchObject({ maybeDone: false });
    expect(call).not.toHaveBeenCalled();

    const heard = vi.fn();
    watch.onBack(heard);
    const back = watch.back();
    ask = async () => {};
    await back;
    expect([watch.isAway(), changes, heard.mock.calls.length]).toEqual([false, [true, false], 1]);
    expect(await watch.within(call, 5_000)).toBe("done");
  });
});
