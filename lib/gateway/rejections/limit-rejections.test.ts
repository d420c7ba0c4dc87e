import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BudgetState, freeIn, tightestOf } from "#lib/credit/ledger/hold";
import { parseUsd } from "#lib/credit/money";
import type { Payer } from "#lib/db/payer";
import type { ScopeType } from "#lib/db/schema/credit";
import { budgetRejected } from "./limit-rejections";
import { shortUsd } from "./short-usd";

const payer: Payer = {
  organizationId: "o",
  organizationPeriod: "month",
  organizationVersion: 1,
  userId: "u",
  userPeriod: "week",
  userVersion: 1,
  apiKeyId: "k",
  apiKeyPeriod: "total",
  apiKeyVersion: 1,
  appId: "a",
  appPeriod: "day",
  appVersion: 1,
  tags: [],
  metadataId: null,
};

const TEN_USD = parseUsd("10");

/** A budget of which `idleUsd` is not spent, with `heldUsd` of it held. */
const budget = (scope: ScopeType, idleUsd: string, heldUsd = "0"): BudgetState => ({
  scope,
  idlePicoUsd: parseUsd(idleUsd),
  heldPicoUsd: parseUsd(heldUsd),
});
const rejectedBy = (budgets: BudgetState[], neededUsd: string | null) =>
  budgetRejected(budgets, payer, neededUsd === null ? null : parseUsd(neededUsd));

describe("a request that no budget covers", () => {
  test.each<[name: string, BudgetState[], needed: string | null, message: string]>([
    [
      "the organization's",
      [budget("organization", "0.12")],
      "0.35",
      "The monthly budget of your organization has $0.12 left, and this request needs at least $0.35. Ask your administrator to raise the budget.",
    ],
    [
      "the user's, which is the tightest",
      [budget("api_key", "2"), budget("user", "0.5"), budget("organization", "9")],
      "1",
      "The weekly budget of your user has $0.50 left, and this request needs at least $1. Ask your administrator to raise the budget.",
    ],
    [
      "the key's, whatever others hold for requests in flight",
      [budget("api_key", "0.5"), budget("organization", "0.9", "0.8")],
      "0.6",
      "The budget of your key has $0.50 left, and this request needs at least $0.60. Ask your administrator to raise the budget.",
    ],
    [
      "the app's, with a part of it held",
      [budget("app", "0.5", "0.3")],
      "0.6",
      "The daily budget of your app has $0.20 left and $0.30 held for requests in flight, and this request needs at least $0.60. Ask your administrator to raise the budget.",
    ],
    [
      "a limit that was lowered below what is spent",
      [budget("organization", "-3")],
      "0.000001",
      "The monthly budget of your organization has $0 left, and this request needs at least $0.000001. Ask your administrator to raise the budget.",
    ],
    [
      "a spent one, before the body is read",
      [budget("api_key", "0")],
      null,
      "The budget of your key has $0 left. Ask your administrator to raise the budget.",
    ],
    [
      "the narrowest of two that have the same left",
      [budget("api_key", "0"), budget("organization", "0")],
      "1.25",
      "The budget of your key has $0 left, and this request needs at least $1.25. Ask your administrator to raise the budget.",
    ],
  ])("gets insufficient_quota, which names the budget: %s", (_, budgets, needed, message) => {
    const error = rejectedBy(budgets, needed);
    expect(error).toMatchObject({
      code: "insufficient_quota",
      message,
      headers: { "x-should-retry": "false" },
    });
    expect(error.headers).not.toHaveProperty("retry-after");
  });

  test("gets budget_in_flight if waiting helps, with what is held of the budget that has the least left", () => {
    const error = rejectedBy([budget("api_key", "0.5"), budget("organization", "0.9", "0.8")], "0.2");
    expect(error).toMatchObject({
      code: "budget_in_flight",
      message:
        "The monthly budget of your organization has $0.10 left and $0.80 held for requests in flight, and this request needs at least $0.20. Try again when they have ended.",
      headers: { "retry-after": "1" },
      budget: {
        scope: "organization",
        period: "month",
        remainingUsd: "0.1",
        heldUsd: "0.8",
        neededUsd: "0.2",
      },
    });
  });

  test("is recorded with exact amounts", () => {
    expect(rejectedBy([budget("user", "0.000000123456", "1")], "2.000000000001").budget).toEqual({
      scope: "user",
      period: "week",
      remainingUsd: "0",
      heldUsd: "1",
      neededUsd: "2.000000000001",
    });
    expect(rejectedBy([budget("user", "-1")], null).budget).toMatchObject({
      remainingUsd: "0",
      neededUsd: null,
    });
  });
});

test("names a budget that explains the rejection, whatever the budgets", () => {
  const state = fc.record({
    scope: fc.constantFrom<ScopeType>("api_key", "app", "user", "organization"),
    idlePicoUsd: fc.bigInt(-TEN_USD, TEN_USD),
    heldPicoUsd: fc.bigInt(0n, TEN_USD),
  });
  const budgets = fc.uniqueArray(state, { selector: ({ scope }) => scope, minLength: 1 });
  fc.assert(
    fc.property(budgets, fc.bigInt(1n, TEN_USD), (states, excess) => {
      const needed = freeIn(tightestOf(states, freeIn)) + excess;
      fc.pre(needed > 0n);
      const error = budgetRejected(states, payer, needed);
      const named = states.find(({ scope }) => scope === error.budget?.scope);
      expect(named).toBeDefined();
      if (named === undefined) return;
      expect(freeIn(named) < needed).toBe(true);
      expect(error.code).toBe(
        states.every(({ idlePicoUsd }) => idlePicoUsd >= needed) ? "budget_in_flight" : "insufficient_quota",
      );
      if (error.code === "insufficient_quota") expect(named.idlePicoUsd < needed).toBe(true);
      // The rounded amounts explain it, too.
      const shown = [...error.message.matchAll(/\$([\d.]*\d)/g)].map(([, usd = ""]) => parseUsd(usd));
      expect((shown[0] ?? 0n) < (shown.at(-1) ?? 0n)).toBe(true);
    }),
  );
});

test.each<[usd: string, down: string, up: string]>([
  ["0", "$0", "$0"],
  ["1", "$1", "$1"],
  ["0.5", "$0.50", "$0.50"],
  ["12.345", "$12.345", "$12.345"],
  ["0.1234567", "$0.123456", "$0.123457"],
  ["0.999999999999", "$0.999999", "$1"],
  ["1234567.000000000001", "$1234567", "$1234567.000001"],
  ["0.000001", "$0.000001", "$0.000001"],
  ["0.0000004", "$0.0000004", "$0.0000004"],
])("shows %s US dollars as %s of what there is, and as %s of what is needed", (usd, down, up) => {
  expect([shortUsd(parseUsd(usd), "down"), shortUsd(parseUsd(usd), "up")]).toEqual([down, up]);
});
