import { describe, expect, test } from "vitest";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { delta, NOTHING_YET, SAID_IN_A_200 } from "#lib/gateway/testing/said-in-a-200";
import { scenarioGateway } from "#lib/gateway/testing/scenario-gateway";
import { stopwatch } from "#lib/testing/promptness";

const { gate, ask, expectNoKey } = await scenarioGateway(SAID_IN_A_200, { silenceMs: 1_000 });

describe("what is no answer in a 200", () => {
  test.each([
    ["page", false],
    ["page", true],
    ["page-as-json", false],
    ["page-as-json", true],
    ["empty", false],
    ["empty", true],
    ["empty-sse", true],
    ["plain-text", false],
    ["plain-text", true],
    ["words-in-event", true],
    ["page-in-event", true],
    ["named-event", true],
    ["named-event-json", true],
    ["failure-reason", true],
    ["failure-reason", false],
    ["failure-reason-whole", false],
  ])("%s (stream: %s) is an error: not charged, and another target's chance", async (model, stream) => {
    const alone = await ask(model, stream);
    expect(alone.response.status).toBe(502);
    expect(JSON.parse(alone.text)).toMatchObject({ error: { code: "upstream_error" } });
    expectNoKey(alone.text);
    expect(alone.row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
    const other = await ask(`${model}+`, stream);
    expect(other.response.status).toBe(200);
    expect(other.row).toMatchObject({ status: "settled", cost_usd: "0.000102000000" });
  });

  test.each([
    ["only-nothing", true],
    ["only-done", true],
    ["number", false],
    ["number", true],
    ["null", false],
    ["number-event", true],
    ["list-event", true],
    ["null-event", true],
    ["no-choices", false],
  ])("%s is unusable: it may be billed, and is another target's chance", async (model, stream) => {
    const alone = await ask(model, stream);
    expect(alone.response.status).toBe(502);
    expect(alone.row).toMatchObject({ status: "settled", usage_source: "estimated" });
    expect(Number(alone.row.cost_usd)).toBeGreaterThan(0);
    const other = await ask(`${model}+`, stream);
    expect(other.response.status).toBe(200);
    expect(other.row).toMatchObject({ upstream_model: "instant", usage_source: "provider" });
    expect(Number(other.row.cost_usd)).toBeGreaterThan(0.000102);
  });
});

// 20 × $3 + 603 × $15, per million
const COST = "0.009105000000";

describe("a usage without an answer", () => {
  test.each([
    ["only-usage", true],
    ["only-usage", false],
    ["only-role-and-usage", true],
    ["only-role-and-usage", false],
    ["usage-without-done", true],
    ["usage-without-choices", false],
    ["usage-without-choices", true],
    ["usage-and-no-choice", false],
    ["usage-and-no-choice", true],
    ["usage-and-empty-message", false],
    ["usage-and-empty-message", true],
  ])("%s (stream: %s) is charged, and another target's chance", async (model, stream) => {
    const alone = await ask(model, stream);
    expect(alone.response.status).toBe(502);
    expect(JSON.parse(alone.text)).toMatchObject({ error: { code: "upstream_error" } });
    expect(alone.row).toMatchObject({ status: "settled", usage_source: "provider", cost_usd: COST });
    const other = await ask(`${model}+`, stream);
    expect(other.response.status).toBe(200);
    expect(other.row).toMatchObject({ upstream_model: "instant", cost_usd: "0.009207000000" });
  });
});

describe("usage beside an error", () => {
  test.each([
    ["usage-beside", false, 500],
    ["usage-beside", true, 500],
    ["usage-beside-event", true, 500],
    ["usage-before-event", true, 500],
    ["usage-after-event", true, 500],
    ["usage-after-event", false, 500],
    ["usage-beside-400", false, 400],
    ["usage-beside-400", true, 400],
    ["usage-beside-500", false, 502],
  ])("%s (stream: %s) is charged", async (model, stream, status) => {
    const { response, row } = await ask(model, stream);
    expect(response.status).toBe(status);
    expect(row).toMatchObject({
      status: "settled",
      usage_source: "provider",
      input_tokens: "20",
      output_tokens: "603",
      cost_usd: COST,
      http_status: status,
    });
  });

  test("is charged also if it follows the error, after content", async () => {
    const { response, text, row } = await ask("usage-after-content", true);
    expect(response.status).toBe(200);
    expect(text).toContain("Half an answer");
    expect(text).not.toContain("[DONE]");
    expect(row).toMatchObject({ usage_source: "provider", output_tokens: "603", cost_usd: COST });
    expectNoKey(text);
  });

  test("is charged besides the answer of another target", async () => {
    const { response, row } = await ask("usage-beside-event+", true);
    expect(response.status).toBe(200);
    expect(row).toMatchObject({ upstream_model: "instant", cost_usd: "0.009207000000" });
  });

  test("is estimated if there is content, too", async () => {
    const { response, text, row } = await ask("content-beside", false);
    expect(response.status).toBe(500);
    expectNoKey(text);
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
    expect(Number(row.output_tokens)).toBeGreaterThan(0);
  });

  test("of zero is not", async () => {
    const { row } = await ask("usage-of-zero-beside", false);
    expect(row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
  });
});

describe("an error after the first content", () => {
  test.each(["after-content", "after-content-in-choice"])(
    "%s ends the stream without our key",
    async (model) => {
      const { response, text, row } = await ask(`${model}+`, true);
      expect(response.status).toBe(200);
      expect(text).toContain("Half an answer");
      expect(text).toContain("Failed halfway with [hidden].");
      expect(text).not.toContain("[DONE]");
      expectNoKey(text);
      expect(row).toMatchObject({ status: "settled", usage_source: "estimated", upstream_model: model });
      expect(Number(row.output_tokens)).toBeGreaterThan(0);
    },
  );
});

test("a number after the first content breaks the stream, and is not relayed", async () => {
  const { text, row } = await ask("number-after-content", true);
  expect(text).toContain("Half");
  expect(text).not.toMatch(/data: 5|\[DONE\]/);
  expect(row).toMatchObject({ usage_source: "estimated", error_code: "upstream_error" });
});

test("an error about our account after the first content says nothing about it", async () => {
  const { text, row } = await ask("key-after-content", true);
  expect(text).toContain("Half an answer");
  expect(text).toContain("The provider could not serve the request.");
  expect(text).not.toMatch(/api.?key|incorrect|\[DONE\]/i);
  expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
});

test("a rate limit inside a 200 keeps its retry-after header", async () => {
  const { response, row } = await ask("rate-limited-header", false);
  expect(response.status).toBe(429);
  expect(response.headers.get("retry-after")).toBe("12");
  expect(row).toMatchObject({ status: "released", error_code: "upstream_rate_limited", http_status: 429 });
});

describe("another success than 200", () => {
  test("is an answer, and charged", async () => {
    const { response, row } = await ask("created", false);
    expect(response.status).toBe(200);
    expect(row).toMatchObject({ status: "settled", cost_usd: "0.009105000000" });
  });

  test.each([
    ["created-error", 500],
    ["no-content", 502],
  ])("is an error if it has one or nothing: %s", async (model, status) => {
    const { response, row } = await ask(model, false);
    expect(response.status).toBe(status);
    expect(row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
    expect((await ask(`${model}+`, false)).response.status).toBe(200);
  });
});

describe("content", () => {
  test("is awaited through comments, roles and filter results, of which chunks are relayed with it", async () => {
    const { response, text, row } = await ask("late-content+", true);
    expect(response.status).toBe(200);
    expect(text).toBe(
      `${NOTHING_YET.slice(1).join("")}${delta({ content: "Late" })}${delta({}, { finish_reason: "stop" })}data: [DONE]\n\n`,
    );
    // Five events and their pauses come first.
    expect(Number(row.ttft_ms)).toBeGreaterThanOrEqual(250);
  });

  test("may be a call without arguments", async () => {
    const { response, text, row } = await ask("call-only+", true);
    expect(response.status).toBe(200);
    expect(text).toContain('"name":"now"');
    expect(row).toMatchObject({ upstream_model: "call-only" });
    expect(row.ttft_ms).not.toBeNull();
  });

  test("is not needed by an answer that says why it ended", async () => {
    const { response, row } = await ask("finish-only+", true);
    expect(response.status).toBe(200);
    expect(row).toMatchObject({ upstream_model: "finish-only", ttft_ms: null, http_status: 200 });
  });

  test("must arrive in time, whatever keeps the connection alive", async () => {
    const took = stopwatch();
    const { response, text } = await ask("heartbeats", true);
    expect(response.status).toBe(504);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "upstream_timeout" } });
    expect(took()).toBeLessThan(3_000);
  });
});

testBalancedBooks(gate);
