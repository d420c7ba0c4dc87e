import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { stopwatch } from "#lib/testing/promptness";
import { countingTurns } from "./counting-turns";

async function rejected(afterMs: number): Promise<never> {
  await sleep(afterMs);
  throw new Error("does not fit");
}

/** How long it takes until a caller may count. */
async function waitOf(turns: ReturnType<typeof countingTurns>, caller: string): Promise<number> {
  const took = stopwatch();
  return turns.run(caller, async () => took());
}

test("a caller counts one request at a time, in order", async () => {
  const turns = countingTurns();
  const log: string[] = [];
  const count = (name: string) => async () => {
    log.push(`${name} begins`);
    await sleep(5);
    log.push(`${name} ends`);
  };
  await Promise.all(["a", "b", "c"].map((name) => turns.run("caller", count(name))));
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("after a rejection it rests three times as long, and others do not", async () => {
  const turns = countingTurns();
  const startedMs = performance.now();
  await expect(turns.run("caller", () => rejected(50))).rejects.toThrow("does not fit");
  const others = ["one", "two", "three"].map((caller) => waitOf(turns, caller));
  await waitOf(turns, "caller");
  // Not by how long it waited: on a loaded machine, a part of its rest may be over by then.
  expect(performance.now() - startedMs).toBeGreaterThan(50 + 120);
  expect(Math.min(...(await Promise.all(others)))).toBeLessThan(100);
});

test("it rests for half a second at most, and not after a quick rejection or a request that fits", async () => {
  const turns = countingTurns();
  await expect(turns.run("slow", () => rejected(300))).rejects.toThrow("does not fit");
  await expect(turns.run("quick", () => rejected(0))).rejects.toThrow("does not fit");
  await turns.run("fits", () => sleep(100));
  expect(await waitOf(turns, "quick")).toBeLessThan(100);
  expect(await waitOf(turns, "fits")).toBeLessThan(100);
  expect(await waitOf(turns, "slow")).toBeLessThan(700);
});
