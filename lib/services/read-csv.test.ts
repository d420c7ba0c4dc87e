import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvOf } from "./csv";
import { readCsv } from "./read-csv";

const wrong = (text: string) => () => readCsv(text, "users");

describe("reading CSV", () => {
  test("reads what RFC 4180 has, with either separator and line break, and after a byte order mark", () => {
    const rows = [
      { email: "a@example.com", name: 'Ada "A" Lovelace, Countess' },
      { email: "b@example.com", name: "two\nlines" },
    ];
    const text =
      'email,name\r\na@example.com,"Ada ""A"" Lovelace, Countess"\r\nb@example.com,"two\nlines"\r\n';
    expect(readCsv(text, "users")).toEqual(rows);
    expect(readCsv(`\uFEFF${text}`, "users")).toEqual(rows);
    expect(readCsv("email;name\na;b, c\n\n;d\n", "users")).toEqual([
      { email: "a", name: "b, c" },
      { email: "", name: "d" },
    ]);
    expect(readCsv("a,b\n1,", "users")).toEqual([{ a: "1", b: "" }]);
  });

  test("reads what we write", () => {
    const cells = fc.array(
      fc.string({ minLength: 1 }).filter((cell) => cell === cell.trim()),
      {
        minLength: 2,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(cells, (line) => {
        const names = line.map((_, at) => `c${at}`);
        expect(readCsv(csvOf([names, line]), "users")).toEqual([
          Object.fromEntries(names.map((name, at) => [name, line[at]])),
        ]);
      }),
    );
  });

  test("says what is wrong", () => {
    expect(wrong("")).toThrow("Send a first line with the names of the columns");
    expect(wrong("email")).toThrow("Send a first line with the names of the columns");
    expect(wrong('email\n"a')).toThrow("Line 2: a quote is not closed");
    expect(wrong("a,b\n1")).toThrow("Row 1 has 1 cells, and there are 2 columns.");
    expect(wrong("a,a\n1,2")).toThrow('The column "a" is there twice.');
  });
});
