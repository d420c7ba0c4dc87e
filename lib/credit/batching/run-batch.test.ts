import { describe, expect, test, vi } from "vitest";
import { DatabaseUnavailable, isDatabaseUnavailable } from "#lib/db/unavailable";
import { isLocked, runBatch } from "./run-batch";

const failing = (code: string) => Object.assign(new Error(code), { code });
const echo = async (items: number[]) => items;

describe("runBatch", () => {
  test.each(["40P01", "40001"])("resends the same items after %s, a conflict", async (code) => {
    const call = vi.fn(echo).mockRejectedValueOnce(failing(code)).mockRejectedValueOnce(failing(code));
    expect(await runBatch([1, 2], call, 1_000)).toEqual([
      { ok: true, value: 1 },
      { ok: true, value: 2 },
    ]);
    expect(call.mock.calls).toEqual([[[1, 2]], [[1, 2]], [[1, 2]]]);
  });

  test.each(["22P02", "23505"])(
    "sends the items one by one after %s, so that only the invalid one fails",
    async (code) => {
      const call = async (items: number[]) => {
        if (items.includes(2)) throw failing(code);
        return items;
      };
      const outcomes = await runBatch([1, 2, 3], call, 1_000);
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    },
  );

  test("reports a lock timeout for each item, and that nothing was done", async () => {
    const call = vi.fn(() => Promise.reject(failing("55P03")));
    const outcomes = await runBatch([1, 2], call, 1_000);
    expect(outcomes).toMatchObject([
      { ok: false, error: { name: "DatabaseUnavailable", maybeDone: false } },
      { ok: false, error: { maybeDone: false } },
    ]);
    expect(outcomes.every((outcome) => !outcome.ok && isLocked(outcome.error))).toBe(true);
    expect(call).toHaveBeenCalledTimes(1);
  });

  test("resends once after a lost connection", async () => {
    const call = vi.fn(echo).mockRejectedValueOnce(failing("CONNECTION_CLOSED"));
    expect(await runBatch([1], call, 1_000)).toEqual([{ ok: true, value: 1 }]);
  });

  test.each([
    ["CONNECTION_CLOSED", true],
    ["ECONNREFUSED", false],
  ])("reports after two %s whether the call may have been done: %s", async (code, maybeDone) => {
    const [outcome] = await runBatch([1], () => Promise.reject(failing(code)), 1_000);
    expect(outcome).toMatchObject({ ok: false, error: { name: "DatabaseUnavailable", maybeDone } });
  });

  test("stops waiting at the deadline for a database that never answers", async () => {
    const [outcome] = await runBatch([1], () => new Promise<number[]>(() => {}), 20);
    expect(outcome).toMatchObject({ ok: false, error: { name: "DatabaseUnavailable", maybeDone: true } });
  });

  test("rejects every item with any other error", async () => {
    const outcomes = await runBatch([1, 2], () => Promise.reject(failing("42883")), 1_000);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([false, false]);
  });
});

test("isDatabaseUnavailable distinguishes an unavailable database from an invalid query", () => {
  expect(isDatabaseUnavailable(new DatabaseUnavailable("away", true))).toBe(true);
  expect(isDatabaseUnavailable(failing("ECONNREFUSED"))).toBe(true);
  expect(isDatabaseUnavailable(failing("57P01"))).toBe(true);
  expect(isDatabaseUnavailable(failing("22P02"))).toBe(false);
  expect(isDatabaseUnavailable(new Error("other"))).toBe(false);
});
