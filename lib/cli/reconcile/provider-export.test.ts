import { describe, expect, test } from "vitest";
import { formatDecimal, parseDecimal } from "./decimal";
import { parseProviderExport } from "./provider-export";

const read = (text: string) =>
  parseProviderExport(text, "usage.csv").map(({ day, model, figures }) => ({
    day,
    model,
    ...Object.fromEntries([...figures].map(([figure, value]) => [figure, formatDecimal(value)])),
  }));
const lines = (...texts: string[]) => texts.join("\n");

describe("a provider's export", () => {
  test("is read by column names in any order, and added up by day and model", () => {
    const text = lines(
      "cost,note,model,day,output_tokens,input_tokens",
      "0.000000000001,x,small,2026-03-01,5,10",
      '0.1,"a, ""b""\nc",small,2026-03-01,1,2',
      "0.2,,large,2026-03-01,3,4",
      "",
    );
    expect(read(text)).toEqual([
      {
        day: "2026-03-01",
        model: "small",
        input_tokens: "12",
        output_tokens: "6",
        cost_usd: "0.100000000001",
      },
      { day: "2026-03-01", model: "large", input_tokens: "4", output_tokens: "3", cost_usd: "0.2" },
    ]);
  });

  test("may come from a spreadsheet: byte-order mark, semicolons, CR LF, capitals, dollars", () => {
    const text = "\uFEFFDate;Model;Cost USD\r\n2026-03-01;small;$1.50\r\n";
    expect(read(text)).toEqual([{ day: "2026-03-01", model: "small", cost_usd: "1.5" }]);
  });

  test("may be OpenAI's usage export, with its empty days", () => {
    const text = lines(
      "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens",
      "1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,p,3,gpt-5-mini-2025-08-07,100,20,50",
      "1759708800,1759795200,2025-10-06T00:00:00+00:00,2025-10-07T00:00:00+00:00,,,,,,",
    );
    expect(read(text)).toEqual([
      { day: "2025-10-05", model: "gpt-5-mini-2025-08-07", input_tokens: "100", output_tokens: "20" },
    ]);
  });

  test("may be OpenAI's cost export, by line item", () => {
    const text = lines(
      "start_time,start_time_iso,amount_value,amount_currency,line_item",
      '1759622400,2025-10-05T00:00:00+00:00,0.8958740000000000,usd,"gpt-5-mini-2025-08-07, input"',
      '1759622400,2025-10-05T00:00:00+00:00,1.5e-05,usd,"gpt-5-mini-2025-08-07, output"',
    );
    expect(read(text)).toEqual([{ day: "2025-10-05", model: "gpt-5-mini-2025-08-07", cost_usd: "0.895889" }]);
  });

  test("may be Anthropic's, which splits input tokens", () => {
    const text = lines(
      "usage_date_utc,model_version,api_key,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens",
      "2026-03-01,claude-sonnet-4-20250514,k,1,20,300,4000,7",
    );
    const [row] = read(text);
    expect(row).toMatchObject({
      model: "claude-sonnet-4-20250514",
      input_tokens: "4321",
      output_tokens: "7",
    });
  });

  test("has its days converted to UTC", () => {
    const days = [
      "2026-03-01",
      "2026-03-01T23:30:00Z",
      "2026-03-01 23:30:00",
      "2026-03-02T01:30:00+02:00",
      "1772323200",
    ];
    const text = lines("day,model,cost", ...days.map((day) => `${day},small,1`));
    expect(read(text)).toEqual([{ day: "2026-03-01", model: "small", cost_usd: "5" }]);
  });

  test.each([
    ["", "is empty"],
    ["day,model\n2026-03-01,x", 'must have a column "day"'],
    ["day,cost\n2026-03-01,1", 'a column "model"'],
    ["day,model,cost\nyesterday,x,1", 'line 2: "yesterday" is not a day'],
    ["day,model,cost\n2026-03-01,x,1\n2026-03-01,,1", "line 3: no model"],
    ["day,model,cost\n2026-03-01,x,much", 'line 2: "much" in cost is not a number'],
    ["day,model,cost,currency\n2026-03-01,x,1,eur", "in eur, not in US dollars"],
    ['day,model,cost\n2026-03-01,"x,1', "unclosed quote on line 2"],
  ])("that is invalid is rejected with the reason: %j", (text, said) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(said) }),
    );
  });
});

describe("a decimal", () => {
  test.each([
    ["0", "0"],
    ["-1.50", "-1.5"],
    [".5", "0.5"],
    ["1.5e-05", "0.000015"],
    ["12E2", "1200"],
    ["0.000000000000000000000000000001", "0.000000000000000000000000000001"],
    ["12345678901234567890.1", "12345678901234567890.1"],
  ])("%s is exact", (text, kept) => {
    expect(formatDecimal(parseDecimal(text) ?? 0n)).toBe(kept);
  });

  test.each(["", "-", ".", "1,5", "0x10", "1e-31", "NaN"])("%j is not a number", (text) => {
    expect(parseDecimal(text)).toBeNull();
  });
});
