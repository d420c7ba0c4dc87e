import { describe, expect, test } from "vitest";
import { auditWords, fieldChanges } from "./audit-words";

const words = (action: string, subject_type: string, subject_name: string | null = "x") =>
  auditWords({ action, subject_type, subject_name });

describe("an audit entry in words", () => {
  test("says what was done to what kind of thing", () => {
    expect(words("api_key.revoke", "api_key")).toBe("revoked the key");
    expect(words("user.reset_usage", "user")).toBe("reset the usage of the user");
    expect(words("prices.import", "price", null)).toBe("imported the prices");
  });

  test("does not speak of a new thing without a name as if it were known", () => {
    expect(words("adjustment.create", "adjustment", null)).toBe("created an adjustment");
  });

  test("names an action that it does not know", () => {
    expect(words("thing.fold", "thing")).toBe("did thing.fold to the thing");
  });
});

describe("what a change changed", () => {
  test("is the fields that differ, also within others", () => {
    const before = {
      name: "Acme",
      budget: { limit_usd: "10", period: "month" },
      tags: ["a"],
      role: "member",
    };
    const after = {
      name: "Acme",
      budget: { limit_usd: "25", period: "month" },
      tags: ["a", "b"],
      role: "viewer",
    };
    expect(fieldChanges(before, after)).toEqual([
      { field: "budget.limit_usd", before: "10", after: "25" },
      { field: "role", before: "member", after: "viewer" },
      { field: "tags", before: "a", after: "a, b" },
    ]);
  });

  test("is all that was set on something new, and all that was lost with something deleted", () => {
    const state = { name: "Acme", budget: null, disabled: false, allowed_models: [] };
    const set = [
      { field: "allowed_models", value: "none" },
      { field: "disabled", value: "false" },
      { field: "name", value: "Acme" },
    ];
    expect(fieldChanges(null, state)).toEqual(
      set.map(({ field, value }) => ({ field, before: null, after: value })),
    );
    expect(fieldChanges(state, null)).toEqual(
      set.map(({ field, value }) => ({ field, before: value, after: null })),
    );
  });

  test("tells what was removed from what was never there", () => {
    expect(fieldChanges({ budget: { limit_usd: "1", period: "day" } }, { budget: null })).toEqual([
      { field: "budget.limit_usd", before: "1", after: null },
      { field: "budget.period", before: "day", after: null },
    ]);
    expect(fieldChanges(null, null)).toEqual([]);
  });
});
