import { describe, expect, test } from "vitest";
import { usageCsvText } from "./usage-csv";

const sums = { requests: 3, input_tokens: 30, output_tokens: 15, cost_usd: "0.000000000001", errors: 1 };

describe("a usage report as CSV", () => {
  test("has a header and a line for each group, with the line breaks of RFC 4180", () => {
    expect(usageCsvText([{ group: "2026-03-01", ...sums }], false)).toBe(
      "group,requests,input_tokens,output_tokens,cost_usd,errors\r\n2026-03-01,3,30,15,0.000000000001,1\r\n",
    );
    expect(usageCsvText([], true)).toBe("group,requests,input_tokens,output_tokens,cost_usd,errors,name\r\n");
  });

  test.each([
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["a;b", '"a;b"'],
    [null, ""],
  ])("quotes %j", (group, cell) => {
    expect(usageCsvText([{ group, ...sums }], false).split("\r\n")[1]).toBe(
      `${cell},3,30,15,0.000000000001,1`,
    );
  });

  test.each(["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", " =1", "＝1", "＋1", "－1", "＠a"])(
    "keeps %j from being a formula",
    (name) => {
      const [, line = ""] = usageCsvText([{ group: name, name, ...sums }], true).split("\r\n");
      expect(line.startsWith(`'${name},`)).toBe(true);
      expect(line.endsWith(`,'${name}`)).toBe(true);
    },
  );
});
