import { describe, expect, test } from "vitest";
import { type Outcome, outcomeWords, overrunWords } from "./outcome-words";

const settled: Outcome = { status: "settled", usage_source: "provider", http_status: 200, cost_usd: "0.01" };

describe("the outcome of a request", () => {
  test.each<[Partial<Outcome>, string]>([
    [{}, "Answered. Charged what the provider reported."],
    [{ usage_source: "estimated" }, "Answered. Charged by estimate, because the provider reported no usage."],
    [{ http_status: 499 }, "The client disconnected. Charged what the provider reported."],
    [
      { http_status: 499, usage_source: "estimated" },
      "The client disconnected. Charged by estimate, because the provider was stopped before it reported its usage.",
    ],
    [{ http_status: 502 }, "Failed. Charged what the provider reported."],
    [
      { http_status: 502, usage_source: "estimated" },
      "Failed. Charged by estimate, because the provider reported no usage.",
    ],
    [{ usage_source: null, cost_usd: "0" }, "Answered. Not charged."],
    [
      { status: "swept", usage_source: "estimated", http_status: 500 },
      "Charged by estimate, because the process ended before settlement.",
    ],
    [
      { status: "released", usage_source: null, http_status: 502, cost_usd: "0" },
      "Not charged: the whole hold was returned.",
    ],
    [{ status: "held", usage_source: null, http_status: null }, "In progress, with money on hold."],
    [{ status: "adjustment", usage_source: null, http_status: null }, "A manual correction."],
  ])("%j: %s", (difference, words) => expect(outcomeWords({ ...settled, ...difference })).toBe(words));

  test("names the provider as the source of a charge only if it reported the usage", () => {
    for (const status of ["held", "settled", "released", "swept", "adjustment"] as const) {
      for (const usage_source of ["estimated", null] as const) {
        for (const http_status of [null, 200, 400, 499, 502]) {
          expect(outcomeWords({ ...settled, status, usage_source, http_status })).not.toContain(
            "what the provider reported",
          );
        }
      }
    }
  });

  test("blames the provider for an overrun only if it reported the usage", () => {
    expect(overrunWords({ usage_source: "provider" })).toContain("The provider billed more");
    expect(overrunWords({ usage_source: "estimated" })).toBe("The estimate is more than was held.");
  });
});
