import { describe, expect, test } from "vitest";
import { metadataBody, metadataFilter, metadataText, pairValue } from "./metadata";

describe("metadata options", () => {
  test("are pairs, of which the first = separates name and value", () => {
    const one = pairValue("team=search", undefined);
    expect(pairValue("formula=a=b", one)).toEqual({ team: "search", formula: "a=b" });
    for (const wrong of ["team", "=search", ""]) {
      expect(() => pairValue(wrong, undefined)).toThrow("like team=search");
    }
  });

  test("change only the given pairs of an update, and remove empty ones", () => {
    const now = { metadata: { team: "search", env: "prod" } };
    expect(metadataBody({}, now)).toEqual({});
    expect(metadataBody({ metadata: { team: "ads" } }, now)).toEqual({
      metadata: { team: "ads", env: "prod" },
    });
    expect(metadataBody({ metadata: { team: "" } }, now)).toEqual({ metadata: { env: "prod" } });
    expect(metadataBody({ metadata: false }, now)).toEqual({ metadata: {} });
  });

  test("filter a list by the API's parameters", () => {
    const { toRequest } = metadataFilter("keys");
    const context = { cli: expect.anything(), admin: expect.anything() };
    expect(toRequest({ metadata: { "cost center": "1" } }, context)).toEqual({
      "metadata[cost center]": "1",
    });
    expect(toRequest({}, context)).toEqual({});
  });

  test("are shown as they are typed", () => {
    expect(metadataText({ team: "search", env: "prod" })).toBe("team=search, env=prod");
    expect(metadataText({})).toBeUndefined();
  });
});
