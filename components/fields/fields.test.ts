import { describe, expect, test } from "vitest";
import { appSnippets, modelFor } from "#components/snippets/app-snippets";
import { agentSnippets, sdkSnippets } from "#components/snippets/guides";
import { expiryChoices, expiryToIso, latestExpiry } from "./expiry-field";
import { draftOf, limitsFrom, NO_LIMITS } from "./limits-fields";
import { windowPaths } from "./windows-field";

const NOW = Date.parse("2026-03-14T12:00:00.000Z");

describe("an expiry", () => {
  test("is limited to a longest lifetime, which is the default", () => {
    const labels = (maxDays: number | null) => expiryChoices(maxDays).map(({ label }) => label);
    expect(labels(null)).toEqual([
      "Never",
      "In 7 days",
      "In 30 days",
      "In 90 days",
      "In 1 year",
      "On a date…",
    ]);
    expect(labels(30)).toEqual(["In 7 days", "In 30 days", "On a date…"]);
    expect(labels(45)).toEqual(["In 7 days", "In 30 days", "In 45 days", "On a date…"]);
    expect(labels(1)).toEqual(["In 1 day", "On a date…"]);
    expect(labels(365).at(-2)).toBe("In 1 year");
    for (const maxDays of [null, 1, 30, 45]) {
      expect(expiryChoices(maxDays).map(({ value }) => value)).toContain(latestExpiry(maxDays).choice);
    }
  });

  test("is never, some days from now, or the end of a day in UTC", () => {
    expect(expiryToIso({ choice: "never", date: "" }, NOW)).toBeNull();
    expect(expiryToIso({ choice: "7", date: "" }, NOW)).toBe("2026-03-21T12:00:00.000Z");
    expect(expiryToIso({ choice: "date", date: "2026-03-31" }, NOW)).toBe("2026-04-01T00:00:00.000Z");
  });

  test("without a chosen day is empty, which the server rejects at the field", () => {
    expect(expiryToIso({ choice: "date", date: "" }, NOW)).toBe("");
  });
});

describe("snippets", () => {
  test("contain the origin, the key and the model in every language and for every agent", () => {
    const facts = { origin: "https://gate.example", apiKey: "tg_live_x", model: "gpt-5-mini" };
    for (const { code } of [...sdkSnippets(facts), ...agentSnippets(facts)]) {
      for (const fact of Object.values(facts)) expect(code).toContain(fact);
    }
  });
});

describe("an app's snippets", () => {
  test("send the secret, the app's id and the user, but no key, which would take precedence", () => {
    const facts = { origin: "https://gate.example", secret: "tg_app_x", appId: "helpdesk", model: "m" };
    for (const { code } of appSnippets(facts)) {
      for (const part of ["https://gate.example/v1", "tg_app_x", "helpdesk", "x-user-oid", '"m"']) {
        expect(code).toContain(part);
      }
      expect(code).not.toContain("Bearer");
    }
  });

  test("use a model that the app allows", () => {
    expect(modelFor({ allowed_models: ["b"] }, ["a", "b"])).toBe("b");
    expect(modelFor({ allowed_models: null }, ["a", "b"])).toBe("a");
  });
});

describe("limits in a form", () => {
  const limits = {
    budget: { limit_usd: "12.5", period: "week" as const, soft_limit_percent: 80 },
    rate_limits: {
      requests_per_minute: 60,
      windows: [
        { requests: 5, seconds: 1 },
        { requests: 1000, tokens: 50_000, seconds: 86_400 },
        { tokens: 7, seconds: 5400 },
      ],
    },
  };

  test("survive a round trip", () => {
    expect(limitsFrom(draftOf(limits))).toEqual(limits);
    expect(limitsFrom(draftOf(NO_LIMITS))).toEqual(NO_LIMITS);
  });

  test("are sent as they are wrong, and known by the paths of what is wrong", () => {
    const [row] = draftOf(limits).windows;
    if (row === undefined) throw new Error("there are windows");
    const windows = [
      { ...row, row: 0, amount: "" },
      { ...row, row: 1, amount: "many" },
      { ...row, row: 2, amount: "7", unit: "tokens" as const },
      { ...row, row: 3, amount: "7", times: " " },
    ];
    expect(limitsFrom({ ...draftOf(NO_LIMITS), windows }).rate_limits?.windows).toEqual([
      { requests: Number.NaN, tokens: 7, seconds: 1 },
      { requests: 7, seconds: Number.NaN },
    ]);
    expect([...windowPaths(windows)]).toEqual([
      [0, { amount: undefined, times: undefined }],
      [1, { amount: "rate_limits.windows.0.requests", times: "rate_limits.windows.0.seconds" }],
      [2, { amount: "rate_limits.windows.0.tokens", times: undefined }],
      [3, { amount: "rate_limits.windows.1.requests", times: "rate_limits.windows.1.seconds" }],
    ]);
    expect(limitsFrom({ ...draftOf(NO_LIMITS), max_concurrent: "two" }).rate_limits).toEqual({
      max_concurrent: Number.NaN,
    });
  });

  test("are removed when their fields are emptied", () => {
    const emptied = {
      ...draftOf(limits),
      limitUsd: " ",
      requests_per_minute: "",
      windows: draftOf(limits).windows.map((window) => ({ ...window, amount: "" })),
    };
    expect(limitsFrom(emptied)).toEqual(NO_LIMITS);
    expect(limitsFrom({ ...draftOf(limits), softPercent: "" }).budget).toEqual({
      limit_usd: "12.5",
      period: "week",
      soft_limit_percent: null,
    });
  });
});
