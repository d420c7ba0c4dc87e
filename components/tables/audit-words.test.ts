import { describe, expect, it } from "vitest";
import { auditVerb, fieldChanges, subjectName, subjectNoun } from "./audit-words";

describe("an audit entry in words", () => {
  it("says what was done and to what", () => {
    expect([auditVerb("api_key.revoke"), subjectNoun("api_key")]).toEqual(["revoked", "key"]);
    expect([auditVerb("user.reset_usage"), subjectNoun("user")]).toEqual(["reset the usage of", "user"]);
  });

  it("names an action that it does not know", () => {
    expect(auditVerb("demo.seed")).toBe("did demo.seed to");
  });

  it("calls the subject what it was called last", () => {
    expect(subjectName({ before: { name: "old" }, after: { name: "new" } })).toBe("new");
    expect(subjectName({ before: { name: null, email: "a@example.com" }, after: null })).toBe(
      "a@example.com",
    );
    expect(subjectName({ before: null, after: { amount_usd: "1" } })).toBeNull();
  });
});

describe("what a change changed", () => {
  it("is the fields that differ, also within others", () => {
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
      { field: "tags", before: "a", after: "a, b" },
      { field: "role", before: "member", after: "viewer" },
    ]);
  });

  it("is all that was set on something new, and all that was lost with something deleted", () => {
    const state = { name: "Acme", budget: null, disabled: false, allowed_models: [] };
    const set = [
      { field: "name", value: "Acme" },
      { field: "disabled", value: "false" },
      { field: "allowed_models", value: "none" },
    ];
    expect(fieldChanges(null, state)).toEqual(
      set.map(({ field, value }) => ({ field, before: null, after: value })),
    );
    expect(fieldChanges(state, null)).toEqual(
      set.map(({ field, value }) => ({ field, before: value, after: null })),
    );
  });

  it("tells what was removed from what was never there", () => {
    expect(fieldChanges({ budget: { limit_usd: "1", period: "day" } }, { budget: null })).toEqual([
      { field: "budget.limit_usd", before: "1", after: null },
      { field: "budget.period", before: "day", after: null },
    ]);
    expect(fieldChanges(null, null)).toEqual([]);
  });
});
