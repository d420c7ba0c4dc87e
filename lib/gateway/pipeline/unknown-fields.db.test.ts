import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const gate = await testGateway({
  models: [{ name: "m", rates: { inputPerMtok: "3", outputPerMtok: "15" }, contextWindow: 8_000 }],
  rules: [],
});
const messages = [{ role: "user", content: "x" }];
const allow = (names: readonly string[]) =>
  gate.sql`UPDATE providers SET settings = ${gate.sql.json({ extra_fields: [...names] })}`;

async function ask(fields: object) {
  const response = await gate.chat({ model: "m", max_tokens: 16, messages, ...fields });
  return { status: response.status, body: await response.json() };
}

beforeEach(() => leaveBudget(gate, "1"));
afterEach(() => leaveBudget(gate, null));

const UNKNOWN: [string, object][] = [
  [
    "tensorzero::extra_body",
    { "tensorzero::extra_body": [{ pointer: "/max_completion_tokens", value: 16_000 }] },
  ],
  ["tensorzero::variant_name", { "tensorzero::variant_name": "dear" }],
  ["orq", { orq: { load_balancer: [{ model: "openai/o1-pro", weight: 1 }] } }],
  ["prompt_caching", { prompt_caching: { enabled: true, ttl: "1h" } }],
  ["enable_premium", { enable_premium: true }],
];

describe("metadata that LiteLLM reads to choose a deployment", () => {
  const metadata = { tags: ["paid"] };

  test.each([null, "1"])("are a 400 with the budget %s, unless an administrator allows them", async (usd) => {
    await leaveBudget(gate, usd);
    const { status, body } = await ask({ metadata });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: "unsupported_parameter", param: "metadata.tags" });
    expect(body.error.message).toContain("as a setting that changes what a request costs");
    await allow(["metadata.tags"]);
    expect((await ask({ metadata })).status).toBe(200);
    await allow([]);
  });

  test("are the client's own at OpenAI", async () => {
    const [local] = await gate.sql`SELECT base_url FROM providers`;
    const { exchange } = gate.gateway;
    gate.gateway.exchange = (call) =>
      exchange({ ...call, target: { ...call.target, baseUrl: String(local?.base_url) } });
    await gate.sql`UPDATE providers SET base_url = 'https://api.openai.com/v1'`;
    try {
      expect((await ask({ metadata })).status).toBe(200);
      expect((await ask({ enable_premium: true })).status).toBe(400);
    } finally {
      await gate.sql`UPDATE providers SET base_url = ${String(local?.base_url)}`;
      gate.gateway.exchange = exchange;
    }
  });
});

describe("a field that Tollgate does not know", () => {
  test.each(UNKNOWN)(
    "is a 400 under a hard budget, and no request goes upstream: %s",
    async (param, fields) => {
      const before = gate.upstream.requests.length;
      const { status, body } = await ask(fields);
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ code: "unsupported_parameter", param });
      expect(body.error.message).toContain("ask an administrator to add it to the provider's extra_fields");
      expect(gate.upstream.requests.length).toBe(before);
    },
  );

  test.each(UNKNOWN)("is served if the administrator allows it by name: %s", async (name, fields) => {
    await allow([name]);
    try {
      expect((await ask(fields)).status).toBe(200);
      expect((await ask({ ...fields, other: 1 })).body.error).toMatchObject({ param: "other" });
    } finally {
      await allow([]);
    }
  });

  test.each(UNKNOWN)("reaches the provider untouched without one: %s", async (_, fields) => {
    await leaveBudget(gate, null);
    expect((await ask(fields)).status).toBe(200);
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject(fields);
  });
});
