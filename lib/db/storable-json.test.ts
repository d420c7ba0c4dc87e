import { expect, test } from "vitest";
import { storableJson } from "./storable-json";

test.each([
  ["a\u0000b", "a\ufffdb"],
  ["\ud83d", "\ufffd"],
  ["\udc00x", "\ufffdx"],
  ["\u{1f600}\u0001\n", "\u{1f600}\u0001\n"],
  ["\\u0000", "\\u0000"],
])("replaces what PostgreSQL cannot store: %j", (text, stored) => {
  const value = { texts: [text], inner: { text }, count: 1, none: null };
  expect(JSON.parse(storableJson(value))).toEqual({
    texts: [stored],
    inner: { text: stored },
    count: 1,
    none: null,
  });
});
