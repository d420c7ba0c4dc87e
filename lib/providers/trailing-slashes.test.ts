import { expect, test } from "vitest";
import { cpuRatio } from "#lib/testing/promptness";
import { withoutTrailingSlashes } from "./trailing-slashes";

test.each([
  ["https://a.example/v1///", "https://a.example/v1"],
  ["https://a.example//v1", "https://a.example//v1"],
  ["//", ""],
  ["", ""],
])("%j ends without slashes", (url, short) => {
  expect(withoutTrailingSlashes(url)).toBe(short);
});

test("slashes that are not at the end take no time", async () => {
  const slashes = "/".repeat(20_000);
  const cut = (url: string) => () => {
    for (let round = 0; round < 100; round++) withoutTrailingSlashes(url);
  };
  expect(await cpuRatio(cut(`${slashes}a`), cut(slashes))).toBeLessThan(5);
});
