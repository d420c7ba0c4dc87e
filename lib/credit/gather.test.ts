import { describe, expect, test } from "vitest";
import { gather } from "./gather";

const later = (turns: number) =>
  new Promise<void>((resolve) => (turns === 0 ? resolve() : setImmediate(() => resolve(later(turns - 1)))));

describe("gather", () => {
  test("sends a lone call at once, and those that arrive meanwhile together", async () => {
    const batches: number[][] = [];
    const double = gather({
      maxBatch: 10,
      maxCalls: 1,
      patienceMs: 1_000,
      run: async (items: number[]) => {
        batches.push(items);
        await later(2);
        return items.map((item) => ({ ok: true as const, value: item * 2 }));
      },
    });
    expect(await Promise.all([1, 2, 3, 4].map(double))).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  test("keeps to its batch size", async () => {
    const sizes: number[] = [];
    const echo = gather({
      maxBatch: 3,
      maxCalls: 1,
      patienceMs: 1_000,
      run: async (items: number[]) => {
        sizes.push(items.length);
        await later(1);
        return items.map((value) => ({ ok: true as const, value }));
      },
    });
    await Promise.all(Array.from({ length: 8 }, (_, index) => echo(index)));
    expect(sizes).toEqual([1, 3, 3, 1]);
  });

  test("does not wait for a call that takes long, and keeps to its calls at once", async () => {
    const release: (() => void)[] = [];
    let calls = 0;
    const slow = gather({
      maxBatch: 10,
      maxCalls: 2,
      patienceMs: 5,
      run: async (items: number[]) => {
        calls += 1;
        await new Promise<void>((resolve) => release.push(resolve));
        calls -= 1;
        return items.map((value) => ({ ok: true as const, value }));
      },
    });
    const all = [slow(1), slow(2)];
    expect(calls).toBe(1);
    await expect.poll(() => calls, { interval: 2 }).toBe(2);
    all.push(slow(3));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(calls).toBe(2);
    for (const done of release.splice(0)) done();
    await expect.poll(() => release.length, { interval: 2 }).toBe(1);
    release[0]?.();
    expect(await Promise.all(all)).toEqual([1, 2, 3]);
    expect(calls).toBe(0);
  });

  test("gives each call its own outcome: one that fails takes no other with it", async () => {
    const even = gather({
      maxBatch: 10,
      maxCalls: 1,
      patienceMs: 1_000,
      run: async (items: number[]) =>
        items.map((value) =>
          value % 2 === 0
            ? { ok: true as const, value }
            : { ok: false as const, error: new Error(`odd ${value}`) },
        ),
    });
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map(even));
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    expect(outcomes[3]).toMatchObject({ reason: { message: "odd 3" } });
  });
});
