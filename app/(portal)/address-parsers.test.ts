import { describe, expect, test } from "vitest";
import { parseAsCursor, parseAsDay, parseAsSearch, parseAsUuid } from "./address-parsers";

const ID = "0190b9a0-0000-7000-8000-000000000001";

describe("query parameters", () => {
  test("are parsed if they are valid", () => {
    expect(parseAsUuid.parse(ID)).toBe(ID);
    expect(parseAsCursor.parse(`1763740800000000_${ID}`)).toBe(`1763740800000000_${ID}`);
    expect(parseAsDay.parse("2028-02-29")).toBe("2028-02-29");
    expect(parseAsSearch.parse("Maya & co")).toBe("Maya & co");
  });

  test("are ignored if they are not", () => {
    for (const wrong of ["", "1", `${ID}x`, "../../etc"]) expect(parseAsUuid.parse(wrong)).toBeNull();
    for (const wrong of [ID, `x_${ID}`, "1_2"]) expect(parseAsCursor.parse(wrong)).toBeNull();
    for (const wrong of ["2026-02-30", "2026-13-01", "today", "2026-1-1"]) {
      expect(parseAsDay.parse(wrong)).toBeNull();
    }
    expect(parseAsSearch.parse(`a\u0000b${"c".repeat(200)}`)).toBe(`ab${"c".repeat(98)}`);
  });
});
