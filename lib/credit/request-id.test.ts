import { afterEach, describe, expect, test, vi } from "vitest";
import { uuidv7 } from "./request-id";

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const msOf = (id: string) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

afterEach(() => {
  vi.useRealTimers();
});

describe("uuidv7", () => {
  test("returns a UUID of version 7 with the current time", () => {
    const before = Date.now();
    const id = uuidv7();
    expect(id).toMatch(SHAPE);
    expect(msOf(id)).toBeGreaterThanOrEqual(before);
    expect(msOf(id)).toBeLessThanOrEqual(Date.now() + 1);
  });

  test("returns unique ids in ascending order, even within a millisecond", () => {
    const ids = Array.from({ length: 50_000 }, () => uuidv7());
    expect(ids.every((id) => SHAPE.test(id))).toBe(true);
    expect(ids.every((id, index) => index === 0 || (ids[index - 1] ?? "") < id)).toBe(true);
  });

  test("keeps the order when the clock is set back", () => {
    const first = uuidv7();
    vi.useFakeTimers({ now: Date.now() - 60_000 });
    expect(uuidv7() > first).toBe(true);
  });

  test("returns an id of the given time, which does not affect the order of others", () => {
    const atMs = Date.UTC(2020, 0, 1);
    const first = uuidv7();
    const past = uuidv7(atMs);
    expect(past).toMatch(SHAPE);
    expect(msOf(past)).toBe(atMs);
    expect(uuidv7() > first).toBe(true);
    expect(new Set(Array.from({ length: 5000 }, () => uuidv7(atMs))).size).toBe(5000);
  });
});
