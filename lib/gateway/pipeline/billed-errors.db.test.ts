import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { pdf } from "#lib/dialects/media/testing/media-files";
import { billedAtHosts, chunk } from "#lib/gateway/testing/billing-provider";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const INPUT_USD = 3e-6;
const OUTPUT_USD = 15e-6;
const MAX_TOKENS = 4_000;
const WINDOW = 128_000;
const rates = { inputPerMtok: "3", outputPerMtok: "15" };
const gate = await testGateway({
  models: [
    { name: "m", upstreamModel: "gpt-4o", rates, contextWindow: WINDOW },
    { name: "grok", upstreamModel: "grok-3", rates, contextWindow: WINDOW },
    { name: "no-window", upstreamModel: "gpt-4o", rates },
  ],
});

let says: { status: number; body: object; afterMs: number } = { status: 400, body: {}, afterMs: 0 };
/** What the provider bills if it generates all that it may. */
let billedUsd = 0;
const atHost = await billedAtHosts(gate, async (asked, response) => {
  const { status, body, afterMs } = says;
  billedUsd += INPUT_USD + Number(asked.max_tokens) * OUTPUT_USD;
  await sleep(afterMs);
  if (asked.stream === true) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`${chunk({ content: "I" })}data: ${JSON.stringify(body)}\n\n`);
    return;
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
});

const AZURE = "https://mine.openai.azure.com/openai/v1";
const OPENAI = "https://api.openai.com/v1";
const XAI = "https://api.x.ai/v1";
const failure = (message: string, code: string | null) => ({
  error: { message, code, type: null, param: null },
});
const FILTERED = failure(
  "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
  "content_filter",
);
const TOO_LONG = failure("This model's maximum context length is 128000 tokens.", "context_length_exceeded");
const FLAGGED = failure("Invalid prompt: your prompt was flagged.", "invalid_prompt");
const INVALID_OUTPUT = failure(
  "Failed to create completion as the model generated invalid Unicode output.",
  null,
);
const VIOLATION = {
  code: "The caller does not have permission to execute the specified operation",
  error: "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
};
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const messages = [{ role: "user", content: "x" }];

const request = { model: "m", messages, max_tokens: MAX_TOKENS };

async function ask(fields: object = {}) {
  const response = await gate.chat({ ...request, ...fields });
  await response.text();
  return { status: response.status, row: await gate.settledRow(response.headers.get("x-request-id")) };
}

beforeEach(() => leaveBudget(gate, 10));

describe("Azure's content filter", () => {
  test.each([AZURE, "https://proxy.example.com/v1"])(
    "is charged by the clock beside the input (%s)",
    async (host) => {
      await atHost(host);
      says = { status: 400, body: FILTERED, afterMs: 500 };
      const { status, row } = await ask();
      expect(status).toBe(400);
      expect(row).toMatchObject({
        status: "settled",
        usage_source: "estimated",
        error_code: "content_filter",
      });
      expect(Number(row.input_tokens)).toBeGreaterThan(0);
      expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(50);
      expect(Number(row.output_tokens)).toBeLessThan(MAX_TOKENS);
    },
  );

  test.each([
    ["as it is held, if the filter", FILTERED, WINDOW],
    ["as it is estimated, if the provider", failure("The server had an error.", "server_error"), 4_000],
  ])("charges a document in a stream %s ends it", async (_, body, mostTokens) => {
    await atHost(AZURE);
    says = { status: 200, body, afterMs: 0 };
    const file_data = `data:application/pdf;base64,${pdf(2, "compressed")}`;
    const content = [{ type: "file", file: { filename: "a.pdf", file_data } }];
    const { row } = await ask({ stream: true, messages: [{ role: "user", content }] });
    expect(Number(row.input_tokens)).toBeLessThanOrEqual(mostTokens);
    expect(Number(row.input_tokens)).toBeGreaterThan(mostTokens / 4);
  });

  test("is never charged beyond the bound", async () => {
    await atHost(AZURE);
    says = { status: 400, body: FILTERED, afterMs: 500 };
    expect((await ask({ max_tokens: 16 })).row).toMatchObject({ output_tokens: "16" });
  });
});

describe("a prompt that OpenAI's own check stops", () => {
  test.each([
    ["as an error", 400, FLAGGED],
    ["in a whole answer", 200, { object: "response", status: "failed", ...FLAGGED, output: [], usage: null }],
  ])("is charged by the clock at Azure, %s", async (_, status, body) => {
    await atHost(AZURE);
    says = { status, body, afterMs: 500 };
    const { row } = await ask();
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
    expect(Number(row.input_tokens)).toBeGreaterThan(0);
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(50);
  });
});

describe("an input that is too long", () => {
  const pictures = Array.from({ length: 700 }, () => ({ type: "image_url", image_url: { url: PIXEL } }));

  test("is charged at Azure, up to the context window", async () => {
    await atHost(AZURE);
    says = { status: 400, body: TOO_LONG, afterMs: 0 };
    const { row } = await ask({ messages: [{ role: "user", content: pictures }] });
    expect(row).toMatchObject({
      status: "settled",
      error_code: "context_length_exceeded",
      input_tokens: String(WINDOW),
      output_tokens: "0",
    });
  });

  test("is charged at Azure as it is counted, without a context window", async () => {
    await atHost(AZURE);
    says = { status: 400, body: TOO_LONG, afterMs: 0 };
    const { row } = await ask({
      model: "no-window",
      messages: [{ role: "user", content: "a ".repeat(140_000) }],
    });
    expect(Number(row.input_tokens)).toBeGreaterThanOrEqual(140_000 / 2);
    expect(row).toMatchObject({ status: "settled", output_tokens: "0", overrun_usd: "0.000000000000" });
  });
});

test.each([
  ["an input that is too long", TOO_LONG],
  ["a prompt that its own check stops", FLAGGED],
])("%s is free at OpenAI", async (_, body) => {
  await atHost(OPENAI);
  says = { status: 400, body, afterMs: 0 };
  expect((await ask()).row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
});

describe.each([
  ["an answer that the model generated in vain", AZURE, "m", 500, INVALID_OUTPUT, 502],
  ["a violation of xAI's guidelines", XAI, "grok", 403, VIOLATION, 403],
])("%s", (_, host, model, status, body, answered) => {
  test("is charged the whole bound under a hard budget", async () => {
    await atHost(host);
    says = { status, body, afterMs: 0 };
    const { status: got, row } = await ask({ model });
    expect(got).toBe(answered);
    expect(row).toMatchObject({
      status: "settled",
      usage_source: "estimated",
      output_tokens: String(MAX_TOKENS),
    });
    expect(Number(row.cost_usd)).toBeGreaterThan(MAX_TOKENS * OUTPUT_USD);
  });

  test("is charged by the clock without one", async () => {
    await leaveBudget(gate, null);
    await atHost(host);
    says = { status, body, afterMs: 500 };
    const { row } = await ask({ model });
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(50);
    expect(Number(row.output_tokens)).toBeLessThan(MAX_TOKENS);
  });

  test("ends at the budget, however often it is caused", async () => {
    await atHost(host);
    await leaveBudget(gate, 0.15);
    const before = await spentUsd(gate);
    says = { status, body, afterMs: 0 };
    billedUsd = 0;
    const statuses: number[] = [];
    for (let at = 0; at < 6; at++) statuses.push((await gate.chat({ ...request, model })).status);
    expect(statuses.slice(0, 2)).toEqual([answered, answered]);
    expect(statuses.at(-1)).toBe(429);
    await gate.gateway.settler.idle();
    expect(billedUsd).toBeLessThanOrEqual(0.15);
    expect((await spentUsd(gate)) - before).toBeGreaterThanOrEqual(billedUsd);
  });
});

test("other errors of a server stay free", async () => {
  await atHost(AZURE);
  says = { status: 500, body: failure("The server had an error.", null), afterMs: 0 };
  expect((await ask()).row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
});

testBalancedBooks(gate);
