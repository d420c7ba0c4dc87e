import { describe, expect, test } from "vitest";
import { conversations } from "./conversations";

const HOUR_MS = 3_600_000;

describe("where conversations are", () => {
  test("is known for an hour after the last answer", () => {
    let nowMs = 0;
    const known = conversations(() => nowMs);
    known.note("a", "one");
    nowMs = HOUR_MS - 1;
    expect(known.at("a")).toBe("one");
    known.note("a", "other");
    nowMs = 2 * HOUR_MS - 2;
    expect(known.at("a")).toBe("other");
    nowMs = 2 * HOUR_MS;
    expect(known.at("a")).toBeNull();
  });

  test("is forgotten first for those that were silent longest, once there are too many", () => {
    const known = conversations();
    for (let each = 0; each < 50_000; each++) known.note(`${each}`, "one");
    expect(known.at("0")).toBe("one");
    known.note("one more", "one");
    expect(["0", "1", "2", "one more"].map(known.at)).toEqual(["one", null, "one", "one"]);
  });

  test("costs about the same when it is full", () => {
    const known = conversations();
    const noted = (from: number, count: number) => {
      const beganMs = performance.now();
      for (let each = from; each < from + count; each++) known.note(`${each}`, "one");
      return performance.now() - beganMs;
    };
    const fillingMs = noted(0, 50_000);
    const fullMs = noted(50_000, 50_000);
    // With a map, whose oldest entry is looked up among those that were deleted, some ninety times as long.
    expect(fullMs).toBeLessThan(20 * fillingMs);
  });
});
