import { describe, expect, test } from "vitest";
import { budgetWords, rateWords } from "./limit-words";

describe("budgetWords", () => {
  test("has every digit of the limit, and the period", () => {
    expect(budgetWords({ limit_usd: "25", period: "month" })).toBe("$25.00 a month");
    expect(budgetWords({ limit_usd: "1250.5", period: "total" })).toBe("$1,250.50 in total");
    expect(budgetWords({ limit_usd: "0.000125", period: "day" })).toBe("$0.000125 a day");
  });
});

describe("rateWords", () => {
  test("has one line per limit", () => {
    expect(rateWords({})).toEqual([]);
    expect(rateWords({ requests_per_minute: 1, tokens_per_minute: 90_000, max_concurrent: 2 })).toEqual([
      "1 request per minute",
      "90,000 tokens per minute",
      "2 concurrent requests",
    ]);
  });

  test("states a window in its largest unit", () => {
    const windows = [3600, 86_400, 5400, 90, 60].map((seconds) => ({ requests: 100, seconds }));
    expect(rateWords({ windows })).toEqual([
      "100 requests per hour",
      "100 requests per day",
      "100 requests per 90 minutes",
      "100 requests per 90 seconds",
      "100 requests per minute",
    ]);
  });
});
