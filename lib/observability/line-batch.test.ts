import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { lineBatch } from "./line-batch";

function written(limits: { characters: number; everyMs: number }) {
  const writes: string[] = [];
  return { writes, batch: lineBatch((lines) => writes.push(lines), limits) };
}

test("lines are written together once there are enough of them", () => {
  const { writes, batch } = written({ characters: 9, everyMs: 60_000 });
  for (const line of ["one\n", "two\n", "three\n", "four\n"]) batch.add(line);
  expect(writes).toEqual(["one\ntwo\nthree\n"]);
  batch.flush();
  expect(writes).toEqual(["one\ntwo\nthree\n", "four\n"]);
});

test("a lone line is written after a while, once", async () => {
  const { writes, batch } = written({ characters: 100, everyMs: 10 });
  batch.add("one\n");
  expect(writes).toEqual([]);
  await expect.poll(() => writes).toEqual(["one\n"]);
  await sleep(30);
  batch.flush();
  expect(writes).toEqual(["one\n"]);
});

test("lines that are taken are not written", async () => {
  const { writes, batch } = written({ characters: 100, everyMs: 10 });
  batch.add("one\n");
  expect(batch.take()).toBe("one\n");
  await sleep(30);
  expect(batch.take()).toBe("");
  expect(writes).toEqual([]);
});
