import { expect, test } from "vitest";
import { fieldBelow } from "./named-path";

test("a path goes down by the names of fields", () => {
  expect(fieldBelow("", "metadata")).toBe("metadata");
  expect(fieldBelow("messages[0].input", "a")).toBe("messages[0].input.a");
});

test("a long name is cut", () => {
  expect(fieldBelow("input", "n".repeat(500_000))).toBe(`input.${"n".repeat(100)}...`);
});

test("a deep path stays short", () => {
  let path = "";
  for (let depth = 0; depth < 200; depth++) path = fieldBelow(path, "n".repeat(200));
  expect(path.length).toBeLessThan(1_200);
});
