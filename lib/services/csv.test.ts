import fc from "fast-check";
import { expect, test } from "vitest";
import { csvOf, csvText } from "./csv";

const FORMULA_CHARACTERS = ["=", "+", "-", "@", "\uFF0B", "\uFF0D", "\uFF1D", "\uFF20"];
const hostileText = fc.string({
  unit: fc.constantFrom(...FORMULA_CHARACTERS, ";", ",", "\t", "\r", "\n", '"', "'", " ", "1", "a"),
  maxLength: 12,
});
/** How a spreadsheet set to another separator, which ignores quotes inside a cell, splits the text. */
const cellsBy = (separator: string, text: string) =>
  text.split(new RegExp(`[${separator}\\r\\n]`)).map((cell) => cell.replace(/^[\s"]+/, ""));

test.each([
  ["\t=1", "'\t'=1"],
  ["\rx", "'\rx"],
  ["a;=1+1", "a;'=1+1"],
  ['a;"=1', `a;'"=1`],
  ["a-b", "a-b"],
  [null, ""],
])("writes the text %j as %j", (text, cell) => {
  expect(csvText(text)).toBe(cell);
});

test("quotes what holds a separator of any spreadsheet, and leaves negative numbers as they are", () => {
  expect(csvOf([["a;b", "a,b", "a\tb", "-12.5"]])).toBe('"a;b","a,b","a\tb",-12.5\r\n');
});

test("no text starts a formula, whether the file is read with commas, semicolons or tabs", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const cell = csvText(text);
      const starts = [cell, ...cellsBy(";", cell), ...cellsBy("\\t", cell)].map((part) => part.charAt(0));
      expect(starts.filter((start) => /[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/.test(start))).toEqual([]);
    }),
  );
});

test("a reader of RFC 4180 gets back each cell as written", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const line = csvOf([[text, "end"]]);
      const written = line.slice(0, -",end\r\n".length);
      const read = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
      expect(read).toBe(text);
    }),
  );
});
