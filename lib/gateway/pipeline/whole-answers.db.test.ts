import { describe, expect, test } from "vitest";
import { CLIENT_GONE, testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const messages = [{ role: "user", content: "Hello!" }];
const gate = await testGateway({
  models: [
    "instant",
    "usage-cached-reasoning",
    "usage-missing",
    "leaky-headers",
    "gzip",
    "brotli",
    "deflate",
    "close-before-head",
    "reset-before-head",
    "close-mid-body",
    "stall-before-head",
    "stall-mid-body",
    "close-mid-gzip",
    "garbage",
    "html",
    "empty",
    "redirect",
    "stream-for-whole",
    "status-400",
    "status-400-filtered",
    "status-400-leaky",
    "status-401",
    "status-403",
    "status-404",
    "status-408",
    "status-504",
    "status-524",
    "status-429",
    "status-500",
    "status-502-html",
    "slow-head",
  ].map((name) => ({ name, rates: { inputPerMtok: "2", outputPerMtok: "8", cacheReadPerMtok: "0.5" } })),
  silenceMs: 700,
});

const ask = async (model: string, fields: object = {}) => {
  const response = await gate.chat({ model, messages, ...fields });
  const body = await response.json();
  return { response, body, requestId: response.headers.get("x-request-id") };
};

describe("a whole answer", () => {
  test("passes byte for byte, with our headers, and is in the ledger at its exact cost", async () => {
    const { response, body, requestId } = await ask("usage-cached-reasoning");
    expect(response.status).toBe(200);
    expect(body).toMatchObject({ object: "chat.completion", usage: { prompt_tokens: 2006 } });
    // (2006 − 1920) × $2 + 1920 × $0.50 + 300 × $8, per million
    expect(response.headers.get("x-tollgate-cost-usd")).toBe("0.003532");
    expect(response.headers.get("x-tollgate-model")).toBe("usage-cached-reasoning");
    expect(response.headers.get("x-tollgate-provider")).toBe(gate.seeded.providerName);
    expect(await gate.settledRow(requestId)).toMatchObject({
      status: "settled",
      cost_usd: "0.003532000000",
      input_tokens: "2006",
      cached_tokens: "1920",
      output_tokens: "300",
      reasoning_tokens: "256",
      usage_source: "provider",
      http_status: 200,
      stream: false,
      error_code: null,
      api_key_id: gate.seeded.ids.apiKey,
      user_id: gate.seeded.ids.user,
    });
  });

  test("is settled before the client has it", async () => {
    const { requestId } = await ask("instant");
    const [row] = await gate.sql`SELECT status FROM ledger WHERE id = ${requestId}`;
    expect(row).toEqual({ status: "settled" });
  });

  test("passes none of the provider's headers but the content type", async () => {
    const { response } = await ask("leaky-headers");
    const names = [...response.headers.keys()].filter(
      (name) => !["connection", "date", "keep-alive", "transfer-encoding", "content-length"].includes(name),
    );
    expect(names.toSorted()).toEqual([
      "cache-control",
      "content-type",
      "x-content-type-options",
      "x-request-id",
      "x-tollgate-cost-usd",
      "x-tollgate-model",
      "x-tollgate-provider",
    ]);
    expect(response.headers.get("x-request-id")).not.toBe("req_upstream");
  });

  test.each(["gzip", "brotli", "deflate"])(
    "is metered when the provider compresses it: %s",
    async (model) => {
      const { response, body, requestId } = await ask(model);
      expect(response.status).toBe(200);
      expect(await gate.settledRow(requestId)).toMatchObject({
        usage_source: "provider",
        output_tokens: String(body.usage.completion_tokens),
      });
    },
  );

  test("is put together if the provider streams it", async () => {
    const { response, body, requestId } = await ask("stream-for-whole");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(body).toMatchObject({ object: "chat.completion", choices: [{ finish_reason: "stop" }] });
    expect(body.choices[0].message.content.length).toBeGreaterThan(0);
    expect(await gate.settledRow(requestId)).toMatchObject({ status: "settled", http_status: 200 });
  });

  test("is settled by an estimate if there is no usage", async () => {
    const { response, requestId } = await ask("usage-missing");
    expect(response.status).toBe(200);
    const row = await gate.settledRow(requestId);
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
    expect(Number(row.output_tokens)).toBeGreaterThan(0);
  });
});

describe("what goes upstream", () => {
  test("is the client's own text, with the provider's credential and none of the client's headers", async () => {
    const text =
      '{ "model":"instant", "messages":[{"role":"user","content":"é"}], "seed":9007199254740993, "future_field":{"a":1.0} }';
    const response = await gate.chat(text, {
      headers: { cookie: "a=b", "x-custom": "1", "openai-organization": "org-mine" },
    });
    await response.text();
    const seen = gate.upstream.requests.at(-1);
    expect(seen?.rawBody).toBe(text);
    expect(seen?.headers).toMatchObject({
      authorization: `Bearer ${gate.seeded.canary}`,
      "content-type": "application/json",
    });
    expect(Object.keys(seen?.headers ?? {}).toSorted()).toEqual([
      "accept",
      "accept-encoding",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
      "user-agent",
      "x-request-id",
    ]);
  });
});

describe("a provider that fails", () => {
  test.each([
    ["close-before-head", 502, "upstream_error", "settled"],
    ["reset-before-head", 502, "upstream_error", "settled"],
    ["close-mid-body", 502, "upstream_error", "settled"],
    ["close-mid-gzip", 502, "upstream_error", "settled"],
    ["stall-before-head", 504, "upstream_timeout", "settled"],
    ["stall-mid-body", 504, "upstream_timeout", "settled"],
    ["garbage", 502, "upstream_error", "settled"],
    ["html", 502, "upstream_error", "released"],
    ["empty", 502, "upstream_error", "released"],
    ["redirect", 502, "upstream_error", "released"],
    ["status-401", 502, "upstream_error", "released"],
    ["status-403", 502, "upstream_error", "released"],
    ["status-500", 502, "upstream_error", "released"],
    ["status-502-html", 502, "upstream_error", "released"],
    ["status-429", 429, "upstream_rate_limited", "released"],
    ["status-400", 400, "invalid_value", "released"],
    // Azure bills what its content filter has read.
    ["status-400-filtered", 400, "content_filter", "settled"],
    ["status-404", 502, "upstream_error", "released"],
    ["status-408", 502, "upstream_error", "settled"],
    ["status-504", 502, "upstream_error", "settled"],
    ["status-524", 502, "upstream_error", "settled"],
  ])("%s: answered %i %s, its row %s", async (model, status, code, rowStatus) => {
    const { response, body, requestId } = await ask(model);
    expect(response.status).toBe(status);
    expect(body).toEqual({
      error: { message: expect.any(String), type: expect.any(String), param: null, code },
    });
    const row = await gate.settledRow(requestId);
    expect(row).toMatchObject({ status: rowStatus, http_status: status, error_code: code });
    expect(Number(row.cost_usd) > 0).toBe(rowStatus === "settled");
    if (rowStatus === "settled") expect(row.usage_source).toBe("estimated");
  });

  test("answers 429 with retry-after, at most a minute", async () => {
    const { response } = await ask("status-429");
    expect(response.headers.get("retry-after")).toBe("7");
  });

  test("never shows the client our credential, whatever the provider quotes", async () => {
    for (const model of ["status-400-leaky", "status-401", "status-403"]) {
      const { response, body } = await ask(model);
      const shown = JSON.stringify([body, ...response.headers]);
      expect(shown).not.toContain(gate.seeded.canary);
      expect(shown).not.toContain("CANARY");
    }
  });
});

test("a client that hangs up ends the call to the provider; the row says 499 and is an estimate", async () => {
  const gone = new AbortController();
  const pending = gate.chat({ model: "slow-head", messages }, { signal: gone.signal });
  const seen = () => gate.upstream.requests.find((request) => request.rawBody.includes("slow-head"));
  await expect.poll(seen).toBeDefined();
  gone.abort();
  await expect(pending).rejects.toThrow();
  await expect.poll(() => seen()?.ending).toBe("client_gone");
  const [row] = await gate.sql`SELECT id FROM ledger WHERE model = 'slow-head'`;
  expect(await gate.settledRow(row?.id)).toMatchObject({
    status: "settled",
    ...CLIENT_GONE,
    usage_source: "estimated",
  });
});

testBalancedBooks(gate);
