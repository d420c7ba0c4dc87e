import { describe, expect, test } from "vitest";
import { factLines, tableLines } from "./table";
import { textWidth } from "./text-width";

type Row = { name: string; id: string; cost: string | null };
const columns = [
  { title: "NAME", value: (row: Row) => row.name, mayShrink: true },
  { title: "ID", value: (row: Row) => row.id },
  { title: "COST", value: (row: Row) => row.cost, align: "right" as const },
];
const rows: Row[] = [
  { name: "Acme Robotics and Sons International", id: "0b5c", cost: "$12.5" },
  { name: "北京", id: "9f", cost: null },
];
const plain = { columns: null, colour: false };

describe("a table", () => {
  test("aligns columns in any script, with numbers to the right and a dash for nothing", () => {
    expect(tableLines(columns, rows, plain)).toEqual([
      "NAME                                  ID     COST",
      "Acme Robotics and Sons International  0b5c  $12.5",
      "北京                                  9f        –",
    ]);
  });

  test("cuts only names to fit a narrow terminal", () => {
    const lines = tableLines(columns, rows, { columns: 30, colour: false });
    expect(lines).toEqual([
      "NAME               ID     COST",
      "Acme Robotics an…  0b5c  $12.5",
      "北京               9f        –",
    ]);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(30);
  });

  test("leaves out optional columns, the last first, when cutting is not enough", () => {
    const some = [...columns, { title: "TAG", value: () => "a tag", mayGo: true }];
    expect(tableLines(some, rows.slice(1), { columns: 17, colour: false })).toEqual([
      "NAME  ID  COST",
      "北京  9f     –",
    ]);
    expect(tableLines(some, rows.slice(1), plain)[0]).toBe("NAME  ID  COST  TAG");
  });

  test("prints blocks in a terminal that is too narrow for a table", () => {
    expect(tableLines(columns, rows.slice(1), { columns: 12, colour: false })).toEqual([
      "NAME  北京",
      "ID    9f",
      "COST  –",
    ]);
  });

  test("removes control characters, which could move the cursor or colour the screen", () => {
    const [, line] = tableLines(columns, [{ name: "a\u001b[31m\nb", id: "\u0007", cost: "" }], plain);
    expect(line).toBe("a\ufffd[31m b  \ufffd      –");
  });

  test("prints bold titles in colour mode", () => {
    const [titles = ""] = tableLines(columns, rows, { columns: null, colour: true });
    expect(titles.startsWith("\u001b[1mNAME")).toBe(true);
    expect(titles.endsWith("COST\u001b[22m")).toBe(true);
  });
});

describe("facts", () => {
  test("print one a line, with thousands separators", () => {
    expect(
      factLines(
        [
          ["requests", 1234567],
          ["cost", "$1.50"],
          ["budget", null],
        ],
        plain,
      ),
    ).toEqual(["requests  1,234,567", "cost      $1.50", "budget    –"]);
  });
});
