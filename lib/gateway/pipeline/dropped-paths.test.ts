import { expect, test } from "vitest";
import { paramOfPath, pathOf } from "#lib/dialects/text/cut-path";
import { originalPath, removedPlaces } from "./dropped-paths";

test.each([
  ["metadata", "metadata"],
  ["tools[0]", "tools[2]"],
  ["tools[1].cache_control", "tools[3].cache_control"],
  ["messages[0].content[0]", "messages[0].content[1]"],
  ["messages[0].content[1]", "messages[0].content[2]"],
  ["messages[1].content[0]", "messages[1].content[0]"],
  ["messages[2].content[0]", "messages[3].content[0]"],
  ["messages[2].content[1]", "messages[3].content[2]"],
])("%s of what is left is %s of the client's body", (left, original) => {
  const removed = removedPlaces([
    "tools[1]",
    "service_tier",
    "messages[3].content[1]",
    "tools[0]",
    "messages[2]",
    "messages[0].content[0]",
  ]);
  expect(paramOfPath(originalPath(pathOf(left), removed))).toBe(original);
});
