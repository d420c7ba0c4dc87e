import { expect, test } from "vitest";
import { retryDelayMs } from "./retry-delay";

const failure = { retryable: true, tookItsTime: false, retryAfterSeconds: null };
const chance = { again: 0, waitedMs: 0, hasOthers: true, leftMs: 60_000 };
const least = () => 0;
const most = () => 1;

test("waits twice as long each time, by chance", () => {
  const delays = [0, 1, 2, 3, 4, 5].map((again) =>
    [least, most].map((random) => retryDelayMs(failure, { ...chance, again, hasOthers: false }, random)),
  );
  expect(delays).toEqual([
    [100, 200],
    [200, 400],
    [400, 800],
    [800, 1_600],
    [1_000, 2_000],
    [1_000, 2_000],
  ]);
});

test("waits half as long while another target is left", () => {
  const delays = [0, 1].map((again) => retryDelayMs(failure, { ...chance, again }, most));
  expect(delays).toEqual([100, 200]);
});

test("waits no less than the target asks for", () => {
  const asks = { ...failure, retryAfterSeconds: 4 };
  expect(retryDelayMs(asks, { ...chance, hasOthers: false })).toBe(4_000);
  expect(retryDelayMs({ ...asks, retryAfterSeconds: 6 }, { ...chance, hasOthers: false })).toBeNull();
});

test("waits half a second at most for all targets that others can answer for", () => {
  expect(retryDelayMs({ ...failure, retryAfterSeconds: 1 }, chance)).toBeNull();
  expect(retryDelayMs(failure, { ...chance, waitedMs: 400 }, most)).toBe(100);
  expect(retryDelayMs(failure, { ...chance, waitedMs: 401 }, most)).toBeNull();
  expect(retryDelayMs(failure, { ...chance, waitedMs: 4_000, hasOthers: false }, most)).toBe(200);
});

test("does not wait once more for a target that took all its time, unless it is the last", () => {
  const timedOut = { ...failure, tookItsTime: true };
  expect(retryDelayMs(timedOut, chance, most)).toBeNull();
  expect(retryDelayMs(timedOut, { ...chance, hasOthers: false }, most)).toBe(200);
});

test("does not wait beyond the request's time, nor for what may not be asked again", () => {
  expect(retryDelayMs(failure, { ...chance, leftMs: 50 })).toBeNull();
  expect(retryDelayMs({ ...failure, retryable: false }, chance)).toBeNull();
});
