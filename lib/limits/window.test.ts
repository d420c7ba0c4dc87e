import { describe, expect, test } from "vitest";
import { type DefaultLimits, type ScopeRates, windowsOf } from "./window";

const described = (scopes: ScopeRates[], perMinute = 0, windows: DefaultLimits["windows"] = []) =>
  windowsOf("org", scopes, { perMinute, windows }).map(
    ({ scope, unit, limit, seconds }) => `${scope}: ${limit} ${unit} in ${seconds}`,
  );

describe("the windows of a request", () => {
  test("are those of each scope that has limits", () => {
    const scopes: ScopeRates[] = [
      { scope: "api_key", id: "k", rates: { requests_per_minute: 10, tokens_per_minute: 2000 } },
      { scope: "organization", id: "o", rates: { windows: [{ requests: 100, seconds: 3600 }] } },
    ];
    expect(described(scopes)).toEqual([
      "api_key: 10 requests in 60",
      "api_key: 2000 tokens in 60",
      "organization: 100 requests in 3600",
    ]);
  });

  test("have a key per scope, id, unit and length, all in one hash slot, whatever the limit", () => {
    const keys = (requests_per_minute: number) =>
      windowsOf(
        "org",
        [
          { scope: "api_key", id: "a", rates: { requests_per_minute, tokens_per_minute: 5 } },
          { scope: "user", id: "a", rates: { requests_per_minute, windows: [{ requests: 1, seconds: 2 }] } },
        ],
        { perMinute: 0, windows: [] },
      ).map(({ key }) => key);
    expect(new Set(keys(1)).size).toBe(4);
    expect(keys(1)).toEqual(keys(2));
    for (const key of keys(1)) expect(key).toMatch(/^\{org\}:/);
  });

  test("of two with the same length, the lower limit applies", () => {
    const windows = [
      { requests: 5, seconds: 60 },
      { requests: 3, seconds: 10 },
      { requests: 9, seconds: 10 },
    ];
    const scopes: ScopeRates[] = [{ scope: "user", id: "u", rates: { requests_per_minute: 7, windows } }];
    expect(described(scopes)).toEqual(["user: 5 requests in 60", "user: 3 requests in 10"]);
  });

  test("may limit requests, tokens or both over any time", () => {
    const windows = [
      { requests: 100, tokens: 50_000, seconds: 86_400 },
      { tokens: 900, seconds: 60 },
    ];
    const scopes: ScopeRates[] = [{ scope: "api_key", id: "k", rates: { tokens_per_minute: 1000, windows } }];
    expect(described(scopes)).toEqual([
      "api_key: 100 requests in 86400",
      "api_key: 900 tokens in 60",
      "api_key: 50000 tokens in 86400",
    ]);
  });

  describe("by default", () => {
    const scopes = (rates: ScopeRates["rates"]): ScopeRates[] => [
      { scope: "api_key", id: "k", rates },
      { scope: "user", id: "u", rates: {} },
      { scope: "app", id: "a", rates: {} },
      { scope: "organization", id: "o", rates: {} },
    ];

    test("are that many requests per minute for a key and an app", () => {
      expect(described(scopes({}), 30)).toEqual(["api_key: 30 requests in 60", "app: 30 requests in 60"]);
    });

    test("give way to the key's own requests per minute, not to its other windows", () => {
      expect(described(scopes({ requests_per_minute: 500 }), 30)[0]).toBe("api_key: 500 requests in 60");
      expect(described(scopes({ windows: [{ requests: 9, seconds: 3600 }] }), 30).slice(0, 2)).toEqual([
        "api_key: 30 requests in 60",
        "api_key: 9 requests in 3600",
      ]);
    });

    test("are the installation's windows for a key and an app without windows of their own", () => {
      const hourly = [{ requests: 5, seconds: 3600 }];
      const own = { windows: [{ tokens: 9, seconds: 60 }] };
      expect(described(scopes({}), 0, hourly)).toEqual([
        "api_key: 5 requests in 3600",
        "app: 5 requests in 3600",
      ]);
      expect(described(scopes(own), 0, hourly)[0]).toBe("api_key: 9 tokens in 60");
      expect(described(scopes({ windows: [] }), 0, hourly)).toEqual(["app: 5 requests in 3600"]);
    });

    test("are none if the setting is 0", () => {
      expect(described(scopes({}), 0)).toEqual([]);
    });
  });
});
