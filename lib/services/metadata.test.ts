import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import { metadataField } from "./metadata";

const Input = z.strictObject({ metadata: metadataField });
const parse = (metadata: unknown) => parseInput(Input, { metadata }).metadata;
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, ""]));

describe("metadata", () => {
  test("are up to 50 pairs, of names of 40 and values of 500 characters", () => {
    const largest = { ...many(49), ["n".repeat(40)]: "v".repeat(500) };
    expect(parse(largest)).toEqual(largest);
  });

  test("have any printable characters", () => {
    const odd = { "a b": " x ", "c[d]:e": "Zoë 😀", constructor: "1", toString: "", "0": "=1+1" };
    expect(parse(odd)).toEqual(odd);
  });

  test.each<[string, unknown, string, RegExp]>([
    ["51 pairs", many(51), "metadata", /at most 50 pairs/i],
    ["an empty name", { "": "x" }, "metadata.", /1 to 40/],
    ["a name of 41 characters", { ["n".repeat(41)]: "x" }, `metadata.${"n".repeat(41)}`, /1 to 40/],
    ["a name of a megabyte", { ["n".repeat(1_000_000)]: "x" }, `metadata.${"n".repeat(191)}`, /1 to 40/],
    ["spaces around a name", { " team": "x" }, "metadata. team", /spaces/],
    ["a line break in a name", { "a\nb": "x" }, "metadata.a\nb", /printable/],
    ["U+0000 in a name", { "a\0b": "x" }, "metadata.a\0b", /printable/],
    ["half a surrogate in a name", { "a\ud800": "x" }, "metadata.a\ud800", /printable/],
    ["a value of 501 characters", { team: "v".repeat(501) }, "metadata.team", /at most 500/i],
    ["U+0000 in a value", { team: "a\0b" }, "metadata.team", /printable/],
    ["half a surrogate in a value", { team: "\udc00" }, "metadata.team", /printable/],
    ["a number", { team: 1 }, "metadata.team", /string/],
    ["null as a value", { team: null }, "metadata.team", /string/],
    ["a list", ["team"], "metadata", /object/],
    ["a text", "team", "metadata", /object/],
    ["null", null, "metadata", /object/],
    ["__proto__", JSON.parse('{"__proto__": "x"}'), "metadata.__proto__", /another name/],
  ])("reject %s", (_what, given, field, message) => {
    expect(() => parse(given)).toThrow(
      expect.objectContaining({ code: "invalid", fields: { [field]: expect.stringMatching(message) } }),
    );
  });
});
