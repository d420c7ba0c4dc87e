import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { gather, turnstile } from "./batch-calls";

const oneByOne = () => turnstile({ maxJobs: 1, patienceMs: 1_000 });

/** A run that takes a while and remembers its batches. */
function recording() {
  const batches: number[][] = [];
  const run = async (items: number[]) => {
    batches.push(items);
    await sleep(5);
    return items.map((value) => ({ ok: true as const, value: value * 2 }));
  };
  return { batches, run };
}

describe("gather", () => {
  test("sends a lone call at once, and together what arrives while that is under way", async () => {
    const { batches, run } = recording();
    const double = gather({ maxBatch: 10, turn: oneByOne(), run });
    const first = double(1);
    expect(batches).toEqual([[1]]);
    const second = [2, 3].map(double);
    await sleep(1);
    second.push(double(4));
    expect(await Promise.all([first, ...second])).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  test("keeps to its batch size", async () => {
    const { batches, run } = recording();
    const double = gather({ maxBatch: 3, turn: oneByOne(), run });
    await Promise.all(Array.from({ length: 8 }, (_, index) => double(index)));
    expect(batches.map((batch) => batch.length)).toEqual([1, 3, 3, 1]);
  });

  test("gives each call its own outcome: one that fails takes no other with it", async () => {
    const even = gather({
      maxBatch: 10,
      turn: oneByOne(),
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

describe("a turnstile", () => {
  test("lets jobs of several gatherers through one after the other, in the order they asked", async () => {
    const log: string[] = [];
    const turn = oneByOne();
    const gathererOf = (name: string) =>
      gather({
        maxBatch: 10,
        turn,
        run: async (items: number[]) => {
          log.push(`${name} ${items.length}`);
          await sleep(3);
          log.push(`${name} done`);
          return items.map((value) => ({ ok: true as const, value }));
        },
      });
    const [holds, settlements] = [gathererOf("hold"), gathererOf("settle")];
    await Promise.all([holds(1), holds(2), settlements(3), holds(4)]);
    expect(log).toEqual(["hold 1", "hold done", "hold 2", "hold done", "settle 1", "settle done"]);
  });

  test("lets the next job go before the outcomes of the last one are told", async () => {
    const log: string[] = [];
    const double = gather({
      maxBatch: 10,
      turn: oneByOne(),
      run: async (items: number[]) => {
        log.push(`sent ${items}`);
        await sleep(3);
        return items.map((value) => ({ ok: true as const, value: value * 2 }));
      },
    });
    const told = [1, 2, 3].map((value) => double(value).then((doubled) => log.push(`told ${doubled}`)));
    await Promise.all(told);
    expect(log).toEqual(["sent 1", "sent 2,3", "told 2", "told 4", "told 6"]);
  });

  test("does not wait for a job that takes long, up to so many at once", async () => {
    const turn = turnstile({ maxJobs: 2, patienceMs: 5 });
    const release: (() => void)[] = [];
    let underWay = 0;
    const job = async () => {
      underWay += 1;
      await new Promise<void>((resolve) => release.push(resolve));
      underWay -= 1;
      return () => {};
    };
    for (let i = 0; i < 3; i++) turn(job);
    await expect.poll(() => underWay, { interval: 2 }).toBe(2);
    await sleep(30);
    expect(underWay).toBe(2);
    for (const done of release.splice(0)) done();
    await expect.poll(() => release.length, { interval: 2 }).toBe(1);
    release[0]?.();
    await expect.poll(() => underWay, { interval: 2 }).toBe(0);
  });
});
