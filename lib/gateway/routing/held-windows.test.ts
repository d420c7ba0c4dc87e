import { expect, test } from "vitest";
import { heldWindows } from "./held-windows";

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
])("%s", (_, modelWindow, targets, held) => {
  expect(heldWindows(modelWindow, targets)).toEqual(held);
});
