import { expect, test } from "vitest";
import { durationText } from "./duration";

test.each([
  [0, "0s"],
  [20, "20ms"],
  [1_000, "1s"],
  [1_500, "1.5s"],
  [59_951, "59.951s"],
  [60_000, "1m0s"],
  [360_000, "6m0s"],
  [75_001, "1m15.001s"],
  [3_600_000, "1h0m0s"],
  [90_061_000, "25h1m1s"],
  [0.4, "0s"],
  [-5, "0s"],
])("formats %d ms as OpenAI does: %s", (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text);
});
