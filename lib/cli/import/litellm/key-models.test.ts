import { expect, test } from "vitest";
import { modelsOfKey } from "./key-models";

const names = new Set(["fast", "smart", "gpt-5", "openai/gpt-5-mini", "claude-opus-5", "own/x", "beta"]);
const groups = new Map([
  ["beta", ["smart", "gpt-5"]],
  ["half", ["fast", "gone"]],
  ["lost", ["gone"]],
]);
const known = { names, groups };
const of = (...models: string[]) => modelsOfKey([models], known);

test.each([
  ["no names", [], null],
  ["LiteLLM's words for all", ["fast", "all-proxy-models"], null],
  ["a name", ["fast"], ["fast"]],
  ["an access group, and a model of its name", ["beta"], ["smart", "gpt-5", "beta"]],
  ["a pattern, also by the provider that LiteLLM infers", ["openai/*"], ["gpt-5", "openai/gpt-5-mini"]],
  ["a pattern in the middle", ["claude-*-5"], ["claude-opus-5"]],
  [
    "overlapping ones, each once",
    ["openai/*", "gpt-5", "fast", "fast"],
    ["gpt-5", "openai/gpt-5-mini", "fast"],
  ],
])("%s", (_, models, allowed) => {
  expect(of(...models)).toEqual({ allowed, missing: [], note: null });
});

test("names, models of groups and patterns that mean nothing here are told", () => {
  expect(of("fast", "gone")).toMatchObject({ allowed: ["fast"], missing: ["gone"] });
  expect(of("half")).toMatchObject({ allowed: ["fast"], missing: ["gone"] });
  expect(of("smart", "groq/*", "f.st")).toMatchObject({ allowed: ["smart"], missing: ["groq/*", "f.st"] });
});

test.each([[["gone"]], [["lost"]], [["groq/*"]], [["no-default-models", "gone"]], [["", "*x("]]])(
  "a key with %j would reach nothing, and is not moved",
  (models) => {
    expect(() => of(...models)).toThrow(/It would reach no model: no model here matches "/);
  },
);

test("a key that may use nothing there may use nothing here, which is told", () => {
  expect(of("no-default-models")).toEqual({
    allowed: [],
    missing: [],
    note: expect.stringContaining("may use no model, as there"),
  });
});

test.each([
  [
    "both name",
    [
      ["fast", "smart"],
      ["smart", "gpt-5"],
    ],
    ["smart"],
  ],
  ["both mean, by patterns and groups", [["beta"], ["openai/*"]], ["gpt-5"]],
  ["its team has, if it names none itself", [[], ["fast"]], ["fast"]],
  ["it has, if its team has all", [["fast"], []], ["fast"]],
])("a key of a team reaches what %s", (_, lists, allowed) => {
  expect(modelsOfKey(lists, known)).toEqual({ allowed, missing: [], note: null });
});

test("a key of a team that would reach nothing is not moved, unless it did not there", () => {
  expect(() => modelsOfKey([["fast"], ["smart"]], known)).toThrow("have none in common");
  expect(modelsOfKey([["fast"], ["no-default-models"]], known)).toMatchObject({
    allowed: [],
    note: expect.stringContaining("no-default-models"),
  });
});

test("many missing names are not all told", () => {
  const many = Array.from({ length: 1000 }, (_, at) => `gone-${at}`);
  expect(() => of(...many)).toThrow(/"gone-4" and 995 more\. Create/);
});
