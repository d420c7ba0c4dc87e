import { expect, test } from "vitest";
import { expectLinear } from "./linear-time";

/** Expects it of what takes so long. */
const judge = (msFor: (characters: number) => number) =>
  expectLinear(
    "work",
    (characters) => () => msFor(characters),
    (work) => Promise.resolve(Number(work())),
  );

test.each<[string, (characters: number) => number]>([
  ["nothing", () => 0],
  ["what is quick, however it grows", (characters) => characters ** 2 / 1e8],
  ["what grows with the size", (characters) => characters / 500],
])("holds for %s", async (_, msFor) => {
  await judge(msFor);
});

test.each<[string, (characters: number) => number]>([
  ["grows with the square of the size", (characters) => characters ** 2 / 1e7],
  ["takes too long for each character", (characters) => characters / 150],
])("fails for what %s", async (_, msFor) => {
  await expect(judge(msFor)).rejects.toThrow("work: ");
});

test("measures processor time, at its least", async () => {
  let rounds = 0;
  await expectLinear("work", () => () => {
    rounds += 1;
    if (rounds > 1) return;
    const started = process.cpuUsage();
    while (process.cpuUsage(started).user < 50_000);
  });
  expect(rounds).toBeGreaterThan(1);
});
