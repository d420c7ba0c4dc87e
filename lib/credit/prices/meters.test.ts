import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countsOf, metersOf, NO_USAGE, OTHER_METERS, type Usage } from "./meters";

describe("the meters of a ledger row", () => {
  test("are the counts without a column that are not zero", () => {
    expect(metersOf({ ...NO_USAGE, inputTokens: 5, cachedTokens: 2 })).toBeUndefined();
    const usage = { ...NO_USAGE, inputTokens: 9, inputImageTokens: 4, cacheWrite1hTokens: 3 };
    expect(metersOf(usage)).toEqual({ cache_write_1h_tokens: 3, input_image_tokens: 4 });
  });

  test("give the counts back", () => {
    const counted = Object.values(OTHER_METERS);
    const anyUsage = fc.array(fc.nat(100), { minLength: counted.length, maxLength: counted.length }).map(
      (counts): Usage => ({
        ...NO_USAGE,
        ...Object.fromEntries(counted.map((name, at) => [name, counts[at]])),
      }),
    );
    fc.assert(
      fc.property(anyUsage, (usage) => {
        expect({ ...NO_USAGE, ...countsOf(metersOf(usage) ?? {}) }).toEqual(usage);
      }),
    );
  });
});
