import { expect, test } from "vitest";
import { heldWindows, mostOfWindow } from "./held-windows";

const target = (catalogued: number | null, stated: number | null = null) => ({ catalogued, stated });

test.each([
  ["each target has its own", 128_001, [target(128_001), target(1_000_001)], [128_001, 1_000_001]],
  [
    "the model's counts where it is greater",
    500_001,
    [target(128_001), target(1_000_001)],
    [500_001, 1_000_001],
  ],
  ["a stated one is exact", 500_001, [target(1_000_001, 200_000)], [200_000]],
  ["of unknown targets alone, the model's", 500_001, [target(null), target(null)], [500_001, 500_001]],
  ["an unknown one beside a catalogue's has none", 128_001, [target(128_001), target(null)], [128_001, null]],
  ["an unknown one beside a stated one has none", 9_001, [target(null, 9_001), target(null)], [9_001, null]],
  ["without any, none", null, [target(null)], [null]],
  ["a model without one has its catalogue's", null, [target(128_001)], [128_001]],
  ["the model's may be a round number for more", 128_000, [target(100_001)], [131_072]],
  ["a stated one is exact", 128_000, [target(null, 128_000)], [128_000]],
  ["so is the model's of targets that no catalogue knows", 128_000, [target(null)], [128_000]],
])("%s", (_, modelWindow, targets, held) => {
  expect(heldWindows(modelWindow, targets)).toEqual(held);
});

test.each([
  [128_000, 131_072],
  [32_000, 32_768],
  [262_000, 262_144],
  [1_048_000, 1_048_576],
  [1_000_000, 1_048_576],
  [2_000_000, 2_097_152],
  [10_000_000, 10_485_760],
])("a round window of %i tokens may mean %i", (told, meant) => {
  expect(mostOfWindow(told)).toBeGreaterThanOrEqual(meant);
  expect(mostOfWindow(told)).toBeLessThanOrEqual(meant * 1.025);
});

test.each([8_191, 16_385, 131_072, 1_047_576, 1_048_576])("%i tokens are exact", (tokens) => {
  expect(mostOfWindow(tokens)).toBe(tokens);
});
