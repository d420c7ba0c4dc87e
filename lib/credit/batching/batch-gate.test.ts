import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { batchCalls } from "./batch-calls";
import { batchGate } from "./batch-gate";

describe("batchGate", () => {
  test("runs the batches of several callers one after the other, in the order of their calls", async () => {
    const log: string[] = [];
    const gate = batchGate({ maxJobs: 1, patienceMs: 1_000 });
    const callsOf = (name: string) =>
      batchCalls({
        maxBatch: 10,
        gate,
        run: async (items: number[]) => {
          log.push(`${name} ${items.length}`);
          await sleep(3);
          log.push(`${name} done`);
          return items.map((value) => ({ ok: true as const, value }));
        },
      });
    const [holds, settlements] = [callsOf("hold"), callsOf("settle")];
    await Promise.all([holds(1), holds(2), settlements(3), holds(4)]);
    expect(log).toEqual(["hold 1", "hold done", "hold 2", "hold done", "settle 1", "settle done"]);
  });

  test("starts the next job before it delivers the outcomes of the last one", async () => {
    const log: string[] = [];
    const double = batchCalls({
      maxBatch: 10,
      gate: batchGate({ maxJobs: 1, patienceMs: 1_000 }),
      run: async (items: number[]) => {
        log.push(`sent ${items}`);
        await sleep(3);
        return items.map((value) => ({ ok: true as const, value: value * 2 }));
      },
    });
    const delivered = [1, 2, 3].map((value) =>
      double(value).then((doubled) => log.push(`delivered ${doubled}`)),
    );
    await Promise.all(delivered);
    expect(log).toEqual(["sent 1", "sent 2,3", "delivered 2", "delivered 4", "delivered 6"]);
  });

  test("does not wait for a slow job, up to the limit of jobs at once", async () => {
    const gate = batchGate({ maxJobs: 2, patienceMs: 5 });
    const release: (() => void)[] = [];
    let running = 0;
    const job = async () => {
      running += 1;
      await new Promise<void>((resolve) => release.push(resolve));
      running -= 1;
      return () => {};
    };
    for (let i = 0; i < 3; i++) gate(job);
    await expect.poll(() => running, { interval: 2 }).toBe(2);
    await sleep(30);
    expect(running).toBe(2);
    for (const done of release.splice(0)) done();
    await expect.poll(() => release.length, { interval: 2 }).toBe(1);
    release[0]?.();
    await expect.poll(() => running, { interval: 2 }).toBe(0);
  });
});
