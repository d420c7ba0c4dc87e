import { expect, test } from "vitest";
import { factsOf } from "./show-anything";

const out = {
  write: () => {},
  isTerminal: false,
  columns: null,
  colour: false,
  gone: new AbortController().signal,
};
const skipped = (count: number) => Array.from({ length: count }, () => ({ model: "m", reason: "no price" }));

test("shows a list of objects as JSON, and cuts a long one", () => {
  expect(factsOf({ skipped: skipped(1) }, out)).toEqual(['skipped  [{"model":"m","reason":"no price"}]']);
  const [long = ""] = factsOf({ skipped: skipped(100) }, out);
  expect(long.length).toBeLessThan(600);
  expect(long).toMatch(/… \(all of it with --json\)$/);
});
