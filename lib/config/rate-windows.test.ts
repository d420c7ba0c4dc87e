import { describe, expect, test } from "vitest";
import { windowOf, windowTexts } from "./rate-windows";

describe("a rate window as text", () => {
  test.each([
    ["100/1h", { requests: 100, seconds: 3600 }],
    ["100requests/h", { requests: 100, seconds: 3600 }],
    [" 50000tokens/1d ", { tokens: 50_000, seconds: 86_400 }],
    ["50000 tokens/90m", { tokens: 50_000, seconds: 5400 }],
    ["5/10s", { requests: 5, seconds: 10 }],
  ])("is read: %s", (text, window) => {
    expect(windowOf(text)).toEqual(window);
  });

  test.each([
    "",
    "100",
    "0/1h",
    "100/0h",
    "-1/1h",
    "1e3/1h",
    "100/1w",
    "100calls/1h",
    "1/32d",
    "10tokens/90s",
  ])("is rejected: %s", (text) => {
    expect(windowOf(text)).toBeNull();
  });

  test("is written in the longest unit that divides it", () => {
    expect(windowTexts({ requests: 100, tokens: 5, seconds: 86_400 })).toEqual(["100/1d", "5tokens/1d"]);
    expect(windowTexts({ requests: 1, seconds: 5400 })).toEqual(["1/90m"]);
    for (const text of ["100/1h", "7tokens/45s"])
      expect(windowTexts(windowOf(text) ?? { seconds: 1 })).toEqual([text]);
  });
});
