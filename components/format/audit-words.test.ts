import { describe, expect, test } from "vitest";
import { auditWords, fieldChanges } from "./audit-words";

const words = (action: string, subject_type: string, subject_name: string | null = "x") =>
  auditWords({ action, subject_type, subject_name });

describe("auditWords", () => {
  test("names the action and the type of its subject", () => {
    expect(words("api_key.revoke", "api_key")).toBe("revoked the key");
    expect(words("user.reset_usage", "user")).toBe("reset the usage of the user");
    expect(words("prices.import", "price", null)).toBe("imported the prices");
  });

  test("uses an indefinite article for a new subject without a name", () => {
    expect(words("adjustment.create", "adjustment", null)).toBe("created an adjustment");
  });

  test("shows the name of an unknown action", () => {
    expect(words("thing.fold", "thing")).toBe("performed thing.fold on the thing");
  });
});

describe("fieldChanges", () => {
  test("returns the fields that differ, including nested ones", () => {
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

  test("returns every field of a creation and of a deletion", () => {
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

  test("distinguishes removed fields from fields that had no value", () => {
    expect(fieldChanges({ budget: { limit_usd: "1", period: "day" } }, { budget: null })).toEqual([
      { field: "budget.limit_usd", before: "1", after: null },
      { field: "budget.period", before: "day", after: null },
    ]);
    expect(fieldChanges(null, null)).toEqual([]);
  });
});
