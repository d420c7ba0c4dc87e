import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { batchCalls } from "./batch-calls";
import { batchGate } from "./batch-gate";

const oneByOne = () => batchGate({ maxJobs: 1, patienceMs: 1_000 });

/** A slow run that records its batches. */
function recording(pause: () => Promise<unknown> = () => sleep(5)) {
  const batches: number[][] = [];
  const run = async (items: number[]) => {
    batches.push(items);
    await pause();
    return items.map((value) => ({ ok: true as const, value: value * 2 }));
  };
  return { batches, run };
}

describe("batchCalls", () => {
  test("sends a lone call at once, and those that arrive while it runs together", async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { batches, run } = recording(() => ended);
    const double = batchCalls({ maxBatch: 10, gate: oneByOne(), run });
    const first = double(1);
    expect(batches).toEqual([[1]]);
    const second = [2, 3].map(double);
    await sleep(1);
    second.push(double(4));
    end();
    expect(await Promise.all([first, ...second])).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  test("limits the size of a batch", async () => {
    const { batches, run } = recording();
    const double = batchCalls({ maxBatch: 3, gate: oneByOne(), run });
    await Promise.all(Array.from({ length: 8 }, (_, index) => double(index)));
    expect(batches.map((batch) => batch.length)).toEqual([1, 3, 3, 1]);
  });

  test("gives each call its own outcome: one failure does not affect the others", async () => {
    const even = batchCalls({
      maxBatch: 10,
      gate: oneByOne(),
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
