import { describe, expect, test } from "vitest";
import { usageCsvText } from "./usage-csv";

const sums = {
  requests: 3,
  input_tokens: 30,
  cached_tokens: 4,
  output_tokens: 15,
  cost_usd: "0.000000000001",
  errors: 1,
  latency_ms_p50: 120,
  latency_ms_p95: 900,
  ttft_ms_p50: null,
  ttft_ms_p95: null,
};
const HEADER = "requests,input_tokens,output_tokens,cost_usd,errors";
const FIGURES = "3,30,15,0.000000000001,1";
const NEWER_HEADER = "cached_tokens,latency_ms_p50,latency_ms_p95,ttft_ms_p50,ttft_ms_p95";
const NEWER_FIGURES = "4,120,900,,";

describe("a usage report as CSV", () => {
  test("has a header and a line for each group, with the line breaks of RFC 4180", () => {
    expect(usageCsvText([{ group: "2026-03-01", ...sums }], ["day"])).toBe(
      `group,${HEADER},${NEWER_HEADER}\r\n2026-03-01,${FIGURES},${NEWER_FIGURES}\r\n`,
    );
    expect(usageCsvText([], ["user"])).toBe(`group,${HEADER},name,${NEWER_HEADER}\r\n`);
  });

  test("has a column for the second group, and the names of either", () => {
    const row = { group: "2026-03-01", subgroup: "id", subgroup_name: "A", ...sums };
    expect(usageCsvText([row], ["day", "organization"])).toBe(
      `group,subgroup,${HEADER},subgroup_name,${NEWER_HEADER}\r\n2026-03-01,id,${FIGURES},A,${NEWER_FIGURES}\r\n`,
    );
  });

  test.each([
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["a;b", '"a;b"'],
    [null, ""],
  ])("quotes %j", (group, cell) => {
    expect(usageCsvText([{ group, ...sums }], ["model"]).split("\r\n")[1]).toBe(
      `${cell},${FIGURES},${NEWER_FIGURES}`,
    );
  });

  test.each(["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", " =1", "＝1", "＋1", "－1", "＠a"])(
    "keeps %j from being a formula",
    (name) => {
      const [, line = ""] = usageCsvText([{ group: name, name, ...sums }], ["user"]).split("\r\n");
      expect(line.startsWith(`'${name},`)).toBe(true);
      expect(line.endsWith(`,'${name},${NEWER_FIGURES}`)).toBe(true);
    },
  );
});
