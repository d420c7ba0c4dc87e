import { describe, expect, test } from "vitest";
import { limitsBody } from "./limits";

describe("limit options", () => {
  test("add nothing to the request when none is given", () => {
    expect(limitsBody({ rateLimits: true })).toEqual({});
  });

  test("set a monthly budget unless a period is given", () => {
    expect(limitsBody({ budget: "10" })).toEqual({ budget: { limit_usd: "10", period: "month" } });
    expect(limitsBody({ budget: "10", period: "day", softLimit: 80 })).toEqual({
      budget: { limit_usd: "10", period: "day", soft_limit_percent: 80 },
    });
  });

  test("change only the given part of a budget", () => {
    const now = { budget: { limit_usd: "10", period: "week", soft_limit_percent: 50 } };
    expect(limitsBody({ budget: "20" }, now)).toEqual({ budget: { ...now.budget, limit_usd: "20" } });
    expect(limitsBody({ period: "day" }, now)).toEqual({ budget: { ...now.budget, period: "day" } });
    expect(limitsBody({ budget: false }, now)).toEqual({ budget: null });
  });

  test("are rejected when there is no budget", () => {
    expect(() => limitsBody({ period: "day" })).toThrow("need a budget");
  });

  test("change only the given rate limits", () => {
    const now = { rate_limits: { requests_per_minute: 60, windows: [{ requests: 100, seconds: 3600 }] } };
    expect(limitsBody({ maxConcurrent: 4 }, now)).toEqual({
      rate_limits: { ...now.rate_limits, max_concurrent: 4 },
    });
    expect(limitsBody({ rateLimits: false }, now)).toEqual({ rate_limits: null });
  });

  test("remove windows alone, or all rate limits if they have nothing else", () => {
    const windows = [{ requests: 100, seconds: 3600 }];
    const now = { rate_limits: { requests_per_minute: 60, windows } };
    expect(limitsBody({ windows: false }, now)).toEqual({ rate_limits: { requests_per_minute: 60 } });
    expect(limitsBody({ windows: false, maxConcurrent: 4 }, { rate_limits: { windows } })).toEqual({
      rate_limits: { max_concurrent: 4 },
    });
    expect(limitsBody({ windows: false }, { rate_limits: { windows } })).toEqual({ rate_limits: null });
  });
});
