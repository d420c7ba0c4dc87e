import { describe, expect, test } from "vitest";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { SAID_IN_A_200 } from "#lib/gateway/testing/said-in-a-200";
import { scenarioGateway } from "#lib/gateway/testing/scenario-gateway";

const { gate, ask } = await scenarioGateway(SAID_IN_A_200);

describe("a stream's usage", () => {
  test("of zero is believed", async () => {
    const { text, row } = await ask("stream-zero-usage", true);
    expect(text).toContain("Free");
    expect(row).toMatchObject({ status: "settled", usage_source: "provider", cost_usd: "0.000000000000" });
  });

  test.each(["stream-hidden-usage", "stream-cumulative-usage"])(
    "is the last and the largest: %s",
    async (model) => {
      const { row } = await ask(model, true);
      expect(row).toMatchObject({ usage_source: "provider", input_tokens: "20", output_tokens: "603" });
    },
  );

  test("from before the content is only the least of what is charged", async () => {
    const { row } = await ask("stream-early-usage", true);
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated", input_tokens: "20" });
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(50);
  });

  test("of zero from before the content is a placeholder", async () => {
    const { row } = await ask("stream-early-zero-usage", true);
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated", input_tokens: "9" });
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(50);
  });

  test.each([true, false])("may follow the terminal event (stream: %s)", async (stream) => {
    const { row } = await ask("stream-usage-after-end", stream);
    expect(row).toMatchObject({ usage_source: "provider", input_tokens: "20", output_tokens: "603" });
  });

  test("from before the content is the least of a whole answer, too", async () => {
    const { row } = await ask("output-only-first", false);
    expect(row).toMatchObject({ usage_source: "estimated", output_tokens: "603" });
  });

  test.each([true, false])("that counts each chunk apart is added up (stream: %s)", async (stream) => {
    const { row } = await ask("stream-usage-per-chunk", stream);
    expect(row).toMatchObject({ usage_source: "provider", input_tokens: "20", output_tokens: "50" });
  });
});

describe("a whole answer's usage", () => {
  test("of zero is believed", async () => {
    const { response, row } = await ask("zero-usage", false);
    expect(response.headers.get("x-tollgate-cost-usd")).toBe("0");
    expect(row).toMatchObject({
      status: "settled",
      usage_source: "provider",
      cost_usd: "0.000000000000",
      output_tokens: "0",
      ttft_ms: null,
    });
  });

  test("counts hidden output by its total", async () => {
    const { row } = await ask("hidden-usage", false);
    expect(row).toMatchObject({ input_tokens: "20", output_tokens: "603", cost_usd: "0.009105000000" });
  });
});

describe("a usage in part", () => {
  /** The input of `messages` is estimated at 9 tokens; "Hm" is a token, or two at a token for each event. */
  const ESTIMATED_INPUT = 9;
  test.each<[string, boolean, number, number | null]>([
    ["input-only-whole", false, 20, null],
    ["input-only-stream", true, 20, null],
    ["input-only-first", true, 20, null],
    ["output-only-whole", false, ESTIMATED_INPUT, 603],
    ["output-only-stream", true, ESTIMATED_INPUT, 603],
    ["output-only-first", true, ESTIMATED_INPUT, 603],
    ["total-only-whole", false, ESTIMATED_INPUT, 623 - ESTIMATED_INPUT],
    ["total-only-whole", true, ESTIMATED_INPUT, 623 - ESTIMATED_INPUT],
    ["total-only-stream", true, ESTIMATED_INPUT, 623 - ESTIMATED_INPUT],
    ["total-only-stream", false, ESTIMATED_INPUT, 623 - ESTIMATED_INPUT],
    ["total-only-first", true, ESTIMATED_INPUT, 623 - ESTIMATED_INPUT],
    ["output-only-unusable", false, ESTIMATED_INPUT, 603],
    ["total-only-unusable", false, ESTIMATED_INPUT, 623 - ESTIMATED_INPUT],
    ["input-only-error", false, 20, 0],
    ["output-only-error", false, ESTIMATED_INPUT, 603],
    ["total-only-error", true, ESTIMATED_INPUT, 623 - ESTIMATED_INPUT],
  ])("%s (stream: %s) is charged, and the rest by estimate", async (model, stream, input, output) => {
    const { row } = await ask(model, stream);
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated", input_tokens: String(input) });
    const outputTokens = Number(row.output_tokens);
    if (output === null) expect([1, 2]).toContain(outputTokens);
    else expect(outputTokens).toBe(output);
  });

  test("and in another part later is whole", async () => {
    const { row } = await ask("usage-in-two-parts", true);
    expect(row).toMatchObject({ usage_source: "provider", input_tokens: "20", output_tokens: "603" });
  });
});

testBalancedBooks(gate);
