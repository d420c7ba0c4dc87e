import { expect, test } from "vitest";
import { tableBounds } from "./usage-table";

test.each([
  [["user"], 101],
  [["user", "model"], 32],
  [["day", "model"], 32],
  [["day", "user"], 8],
  [["api_key", "hour"], 8],
] as const)("a page by %j asks for %i groups, one of them to tell whether there are more", (groups, most) => {
  expect(tableBounds(groups).most).toBe(most);
});
