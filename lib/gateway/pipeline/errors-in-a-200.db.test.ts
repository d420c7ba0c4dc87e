import { describe, expect, test } from "vitest";
import { ERRORS_IN_A_200 } from "#lib/gateway/testing/errors-in-a-200";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { raw, type Scenario } from "#lib/testing/upstream/scenario";

const messages = [{ role: "user", content: "Hello!" }];
const rates = { inputPerMtok: "3", outputPerMtok: "15" };
const JSON_TYPE = { "content-type": "application/json" };
const SSE = { "content-type": "text/event-stream" };

const chunk = (fields: object) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", ...fields })}\n\n`;
const delta = (fields: object, more: object = {}) =>
  chunk({ choices: [{ index: 0, delta: fields, finish_reason: null, ...more }] });
/** What may come before the first content. */
const NOTHING_YET = [
  ": OPENROUTER PROCESSING\n\n",
  chunk({ choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] }),
  delta({ role: "assistant", content: "", refusal: null }),
  delta({}),
  delta({ content: null, tool_calls: [] }),
];
const USAGE = { prompt_tokens: 20, completion_tokens: 198, total_tokens: 623 };
const error = { message: "Failed halfway with {{api_key}}.", type: "server_error", code: 500 };

/** How the same error may arrive. */
const FORMS: readonly { form: string; stream: boolean; scenario: (body: unknown) => Scenario }[] = [
  { form: "whole", stream: false, scenario: (body) => raw(200, JSON_TYPE, JSON.stringify(body)) },
  {
    form: "json-for-stream",
    stream: true,
    scenario: (body) => raw(200, JSON_TYPE, JSON.stringify(body, null, 2)),
  },
  { form: "json-as-sse", stream: true, scenario: (body) => raw(200, SSE, JSON.stringify(body)) },
  { form: "event", stream: true, scenario: (body) => raw(200, SSE, `data: ${JSON.stringify(body)}\n\n`) },
  {
    form: "later-event",
    stream: true,
    scenario: (body) =>
      raw(200, SSE, [...NOTHING_YET, `data: ${JSON.stringify(body)}\n\n`, "data: [DONE]\n\n"]),
  },
  {
    form: "event-for-whole",
    stream: false,
    scenario: (body) => raw(200, SSE, `data: ${JSON.stringify(body)}\n\n`),
  },
];

const CASES = ERRORS_IN_A_200.flatMap(({ name, body, expected }) =>
  FORMS.map(({ form, stream, scenario }) => ({
    model: `${name}/${form}`,
    stream,
    expected,
    scenario: scenario(body),
  })),
);

const OTHERS: Readonly<Record<string, Scenario>> = {
  page: raw(
    200,
    { "content-type": "text/html" },
    "<!DOCTYPE html><html><body>Sign in, {{api_key}}</body></html>",
  ),
  "page-as-json": raw(200, JSON_TYPE, "<html><body>Sign in, {{api_key}}</body></html>"),
  empty: raw(200, JSON_TYPE, ""),
  "empty-sse": raw(200, SSE, ""),
  "plain-text": raw(200, { "content-type": "text/plain" }, "upstream of {{api_key}} is not healthy"),
  "named-event": raw(200, SSE, [...NOTHING_YET, "event: error\ndata: broken, {{api_key}}\n\n"]),
  "named-event-json": raw(200, SSE, 'event: error\ndata: {"message":"broken, {{api_key}}"}\n\n'),
  "usage-beside": raw(200, JSON_TYPE, JSON.stringify({ error, usage: USAGE })),
  "usage-beside-event": raw(200, SSE, [
    ...NOTHING_YET,
    `data: ${JSON.stringify({ error, usage: USAGE })}\n\n`,
  ]),
  "usage-before-event": raw(200, SSE, [
    chunk({ choices: [], usage: USAGE }),
    `data: ${JSON.stringify({ error })}\n\n`,
  ]),
  "usage-of-zero-beside": raw(
    200,
    JSON_TYPE,
    JSON.stringify({ error, usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }),
  ),
  "usage-beside-400": raw(
    400,
    JSON_TYPE,
    JSON.stringify({ error: { message: "Flagged after 603 tokens." }, usage: USAGE }),
  ),
  "usage-beside-500": raw(500, JSON_TYPE, JSON.stringify({ error, usage: USAGE })),
  "rate-limited-header": raw(
    200,
    { ...JSON_TYPE, "retry-after": "12" },
    JSON.stringify({ error: { message: "Slow down.", code: 429 } }),
  ),
  created: raw(
    201,
    JSON_TYPE,
    JSON.stringify({
      choices: [{ index: 0, message: { content: "Hm" }, finish_reason: "stop" }],
      usage: USAGE,
    }),
  ),
  "created-error": raw(201, JSON_TYPE, JSON.stringify({ error })),
  "no-content": raw(204, {}, ""),
  "stream-zero-usage": raw(200, SSE, [
    delta({ content: "Free" }),
    delta({}, { finish_reason: "stop" }),
    chunk({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }),
    "data: [DONE]\n\n",
  ]),
  "stream-hidden-usage": raw(200, SSE, [
    delta({ content: "Hm" }),
    delta({}, { finish_reason: "stop", usage: USAGE }),
    "data: [DONE]\n\n",
  ]),
  "stream-cumulative-usage": raw(200, SSE, [
    chunk({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 0 } }),
    delta({ content: "One" }, { usage: { prompt_tokens: 20, completion_tokens: 100 } }),
    delta({ content: " two" }),
    delta({}, { finish_reason: "stop" }),
    chunk({
      choices: [],
      x_groq: { usage: { prompt_tokens: 0, completion_tokens: 603, total_tokens: 603 } },
    }),
    "data: [DONE]\n\n",
  ]),
  "stream-early-usage": raw(200, SSE, [
    chunk({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 0, total_tokens: 20 } }),
    ...Array(50).fill(delta({ content: " word" })),
    `data: ${JSON.stringify({ error })}\n\n`,
  ]),
  "key-after-content": raw(200, SSE, [
    delta({ content: "Half an answer" }),
    `data: ${JSON.stringify({ error: { message: "Incorrect API key provided: {{api_key}}.", code: "invalid_api_key" } })}\n\n`,
  ]),
  "only-nothing": raw(200, SSE, NOTHING_YET),
  "only-done": raw(200, SSE, "data: [DONE]\n\n"),
  "no-choices": raw(200, JSON_TYPE, '{"id":"c","choices":[]}'),
  "after-content": raw(200, SSE, [
    ...NOTHING_YET,
    delta({ content: "Half an answer" }),
    `data: ${JSON.stringify({ error })}\n\n`,
  ]),
  "after-content-in-choice": raw(200, SSE, [
    delta({ content: "Half an answer" }),
    delta({ content: "" }, { finish_reason: "error", error }),
    "data: [DONE]\n\n",
  ]),
  "late-content": {
    ...raw(200, SSE, [
      ...NOTHING_YET,
      delta({ content: "Late" }),
      delta({}, { finish_reason: "stop" }),
      "data: [DONE]\n\n",
    ]),
    framing: { paceMs: 60 },
  },
  "call-only": raw(200, SSE, [
    ...NOTHING_YET,
    delta({
      tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "now", arguments: "" } }],
    }),
    delta({}, { finish_reason: "tool_calls" }),
    "data: [DONE]\n\n",
  ]),
  "finish-only": raw(200, SSE, [
    delta({ role: "assistant" }),
    delta({}, { finish_reason: "length" }),
    "data: [DONE]\n\n",
  ]),
  heartbeats: {
    ...raw(200, SSE, [...Array(200).fill(": ping\n\n")]),
    framing: { paceMs: 20 },
  },
  "zero-usage": raw(
    200,
    JSON_TYPE,
    JSON.stringify({
      choices: [{ index: 0, message: { role: "assistant", content: "Free" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    }),
  ),
  "hidden-usage": raw(
    200,
    JSON_TYPE,
    JSON.stringify({
      choices: [{ index: 0, message: { role: "assistant", content: "Hm" }, finish_reason: "stop" }],
      usage: USAGE,
    }),
  ),
};

const NAMES = [...CASES.map(({ model }) => model), ...Object.keys(OTHERS)];
const gate = await testGateway({
  models: NAMES.flatMap((name) => [
    { name, rates },
    { name: `${name}+`, upstreamModel: name, rates },
  ]),
  rules: [
    ...CASES.map(({ model, scenario }) => ({ model, scenario })),
    ...Object.entries(OTHERS).map(([model, scenario]) => ({ model, scenario })),
  ],
  requestTimeoutMs: 1_000,
});
// A model with a plus has a second target, which answers.
await gate.sql`
  INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
  SELECT t.model_id, t.provider_id, 'instant', t.price_version_id, 1
  FROM model_targets t JOIN models m ON m.id = t.model_id WHERE m.name LIKE '%+'`;

async function ask(model: string, stream: boolean) {
  const response = await gate.chat({ model, messages, stream });
  const text = await response.text();
  return { response, text, row: await gate.settledRow(response.headers.get("x-request-id")) };
}

function expectNoKey(...shown: unknown[]): void {
  const text = JSON.stringify(shown);
  expect(text).not.toContain(gate.seeded.canary);
  expect(text).not.toContain("CANARY");
}

describe("an error inside a 200, before any content", () => {
  test.each(CASES)("$model: an HTTP error, not charged", async ({ model, stream, expected }) => {
    const { response, text, row } = await ask(model, stream);
    expect(response.status).toBe(expected.status);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("retry-after")).toBe(expected.retryAfter ?? null);
    const body = JSON.parse(text);
    expect(body.error.code).toBe(expected.code);
    expect(body.error.message).toContain(expected.message);
    expectNoKey(text, [...response.headers]);
    expect(row).toMatchObject({
      status: "released",
      cost_usd: "0.000000000000",
      http_status: expected.status,
    });
    expectNoKey(row);
  });

  test.each(CASES)(
    "$model: another target answers, unless it is about the request",
    async ({ model, stream, expected }) => {
      const { response, text, row } = await ask(`${model}+`, stream);
      expectNoKey(text, [...response.headers]);
      if (expected.status === 400 || expected.status === 422) {
        expect(response.status).toBe(expected.status);
        return;
      }
      expect(response.status).toBe(200);
      expect(text).toContain(stream ? "[DONE]" : "Hello from the fake upstream.");
      expect(row).toMatchObject({ status: "settled", upstream_model: "instant", usage_source: "provider" });
      // 9 input and 5 output tokens: the failed target is not charged.
      expect(row.cost_usd).toBe("0.000102000000");
    },
  );
});

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
    ["named-event", true],
    ["named-event-json", true],
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

describe("usage beside an error", () => {
  // 20 × $3 + 603 × $15, per million
  const COST = "0.009105000000";
  test.each([
    ["usage-beside", false, 500],
    ["usage-beside", true, 500],
    ["usage-beside-event", true, 500],
    ["usage-before-event", true, 500],
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

  test("is charged besides the answer of another target", async () => {
    const { response, row } = await ask("usage-beside-event+", true);
    expect(response.status).toBe(200);
    expect(row).toMatchObject({ upstream_model: "instant", cost_usd: "0.009207000000" });
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
});

describe("content", () => {
  test("is awaited through comments, roles and filter results, which are relayed with it in order", async () => {
    const { response, text, row } = await ask("late-content+", true);
    expect(response.status).toBe(200);
    expect(text).toBe(
      `${NOTHING_YET.join("")}${delta({ content: "Late" })}${delta({}, { finish_reason: "stop" })}data: [DONE]\n\n`,
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
    const startedMs = performance.now();
    const { response, text } = await ask("heartbeats", true);
    expect(response.status).toBe(504);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "upstream_timeout" } });
    expect(performance.now() - startedMs).toBeLessThan(3_000);
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

test("nothing is left held, and the counters sum to the ledger", async () => {
  await expectBalancedBooks(gate);
});
