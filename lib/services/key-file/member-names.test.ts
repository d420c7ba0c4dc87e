import fc from "fast-check";
import { expect, test } from "vitest";
import { memberNames } from "./member-names";

test("names are found in the order of the text, with those that are there twice", () => {
  const json = String.raw`{"b": [{"x": "a{,\"}", "y": [1, {"z": {}}]}], "7": null, "b": {"\u0062": 1, "b": 2}}`;
  const names = memberNames(json).map(({ path, repeated }) => `${path.join(".")}${repeated ? " again" : ""}`);
  expect(names).toEqual(["b", "b..x", "b..y", "b..y..z", "7", "b again", "b.b", "b.b again"]);
});

test("any JSON has the names that JSON.parse finds, each once", () => {
  const namesIn = (value: unknown): number =>
    typeof value === "object" && value !== null
      ? Object.values(value).reduce<number>(
          (sum, each) => sum + namesIn(each) + (Array.isArray(value) ? 0 : 1),
          0,
        )
      : 0;
  fc.assert(
    fc.property(fc.json(), fc.boolean(), (json, spread) => {
      const parsed: unknown = JSON.parse(json);
      const found = memberNames(spread ? JSON.stringify(parsed, null, 2) : JSON.stringify(parsed));
      expect(found).toHaveLength(namesIn(parsed));
      expect(found.filter(({ repeated }) => repeated)).toEqual([]);
    }),
  );
});
