import { expect, test, vi } from "vitest";
import { lineBatch } from "./line-batch";

const written: string[] = [];
const batch = lineBatch<number>(
  (n) => `line ${n}`,
  (lines) => written.push(lines),
);

test("writes the lines of a tick together, in their order", async () => {
  for (const n of [1, 2, 3]) batch.add(n);
  expect(written).toEqual([]);
  await vi.waitFor(() => expect(written).toEqual(["line 1\nline 2\nline 3\n"]), { timeout: 10_000 });
  batch.flush();
  expect(written).toHaveLength(1);
});

test("keeps only so many", () => {
  written.length = 0;
  for (let n = 0; n < 1001; n++) batch.add(n);
  expect(written.map((lines) => lines.split("\n").length - 1)).toEqual([500, 500]);
});
