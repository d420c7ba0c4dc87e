import { beforeEach, describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";

const messages = [{ role: "user", content: "Hello!" }];
const gate = await testGateway({
  models: [
    { name: "instant", upstreamModel: "claude-instant", rates: MICRODOLLAR_RATES },
    { name: "bounded", upstreamModel: "claude-instant", rates: MICRODOLLAR_RATES, maxOutputTokens: 1000 },
    {
      name: "narrow",
      upstreamModel: "gpt-narrow",
      rates: MICRODOLLAR_RATES,
      maxOutputTokens: 8_000,
      contextWindow: 8_192,
    },
    { name: "slow", upstreamModel: "claude-slow-head", rates: MICRODOLLAR_RATES },
  ],
});
beforeEach(async () => {
  gate.upstream.requests.length = 0;
  await budget(null);
});

/** Sets what the user may spend this month beyond what is spent already. */
async function budget(usd: string | null, limits: { max_concurrent?: number } = {}): Promise<void> {
  await gate.sql`
    UPDATE users SET budget_period = 'month', max_concurrent = ${limits.max_concurrent ?? null},
      budget_limit_usd = ${usd}::numeric + coalesce(
        (SELECT sum(spent_usd) FROM counters WHERE scope_id = ${gate.seeded.ids.user}), 0)
    WHERE id = ${gate.seeded.ids.user}`;
}

async function ask(fields: object = {}) {
  const response = await gate.chat({ model: "instant", messages, ...fields });
  return { response, body: await response.json(), sent: gate.upstream.requests.at(-1)?.body };
}

describe("without a hard budget", () => {
  test("nothing is added to the request", async () => {
    const { response, sent } = await ask();
    expect(response.headers.get("x-tollgate-max-tokens")).toBeNull();
    expect(sent).not.toHaveProperty("max_tokens");
    expect(sent).not.toHaveProperty("max_completion_tokens");
  });
});

describe("with a hard budget", () => {
  test("sets a bound for a request without one, and reports it to the client", async () => {
    await budget("1");
    const { response, sent } = await ask();
    expect(sent).toMatchObject({ max_tokens: 4096 });
    expect(response.headers.get("x-tollgate-max-tokens")).toBe("4096");
  });

  test("sends the model's own bound if it has one, which lowers nothing", async () => {
    await budget("1");
    const { response, sent } = await ask({ model: "bounded" });
    expect(sent).toMatchObject({ max_tokens: 1000 });
    expect(response.headers.get("x-tollgate-max-tokens")).toBeNull();
  });

  test("leaves room for the input in the model's context window, and reports the bound", async () => {
    await budget("1");
    // 3 000 words are 3 000 tokens.
    const { response, sent } = await ask({
      model: "narrow",
      messages: [{ role: "user", content: "word ".repeat(3_000) }],
    });
    expect(response.status).toBe(200);
    const told = Number(response.headers.get("x-tollgate-max-tokens"));
    expect(sent).toMatchObject({ max_tokens: told });
    expect(told).toBeGreaterThan(2_000);
    expect(told).toBeLessThanOrEqual(8_192 - 3_000);
  });

  test("a short input leaves the model's own bound as it is", async () => {
    await budget("1");
    expect((await ask({ model: "narrow" })).sent).toMatchObject({ max_tokens: 8_000 });
  });

  test("a client's bound that fits keeps its value, under the provider's name for it", async () => {
    await budget("1");
    const { response, sent } = await ask({ max_completion_tokens: 64 });
    expect(sent).toMatchObject({ max_tokens: 64 });
    expect(sent).not.toHaveProperty("max_completion_tokens");
    expect(response.headers.get("x-tollgate-max-tokens")).toBeNull();
  });

  test("near the limit the output is lowered to what is affordable", async () => {
    await budget("0.000500");
    const { response, sent } = await ask({ max_completion_tokens: 64_000 });
    expect(response.status).toBe(200);
    const told = Number(response.headers.get("x-tollgate-max-tokens"));
    expect(sent).toMatchObject({ max_tokens: told });
    // 500 tokens in all, less the input.
    expect(told).toBeGreaterThan(400);
    expect(told).toBeLessThan(500);
    const row = await gate.settledRow(response.headers.get("x-request-id"));
    expect(row).toMatchObject({ status: "settled", hold_usd: "0.000500000000" });
  });

  test("divides the bound among the choices", async () => {
    await budget("0.000500");
    const { response } = await ask({ max_tokens: 64_000, n: 4 });
    expect(Number(response.headers.get("x-tollgate-max-tokens"))).toBeLessThan(125);
  });

  test("counts the input, instead of bounding it by its bytes, before it lowers the output", async () => {
    // 3 000 bytes are some 680 tokens, and of any tokenizer at most 2 100.
    const prose = [{ role: "user", content: "The quick brown fox jumps over it. ".repeat(85) }];
    await budget("0.002800");
    const { response } = await ask({ messages: prose, max_tokens: 500 });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-tollgate-max-tokens")).toBeNull();
  });

  test("that does not cover the input and 16 more tokens is a rejection that no retry helps", async () => {
    await budget("0.000020");
    const { response, body } = await ask({ max_tokens: 64_000 });
    expect(response.status).toBe(429);
    expect(body.error).toMatchObject({ code: "insufficient_quota" });
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(response.headers.get("retry-after")).toBeNull();
    expect(gate.upstream.requests).toHaveLength(0);
  });

  test("a limit of zero blocks", async () => {
    await budget("0");
    expect((await ask({ max_tokens: 1 })).body.error.code).toBe("insufficient_quota");
  });

  test("that only requests in flight use up is a rejection with retry-after", async () => {
    await budget("0.000200");
    const first = gate.chat({ model: "slow", messages, max_tokens: 64_000 });
    await expect.poll(() => gate.upstream.requests.length).toBe(1);
    const { response, body } = await ask({ max_tokens: 64_000 });
    expect(response.status).toBe(429);
    expect(body.error).toMatchObject({ code: "budget_in_flight", type: "rate_limit_error" });
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await first).status).toBe(200);
    expect((await ask({ max_tokens: 64 })).response.status).toBe(200);
  });

  test("sweeps what a dead process holds before rejecting a request for it", async () => {
    await budget("0.000200");
    const [{ id: dead } = { id: "" }] = await gate.sql`
      INSERT INTO instances (id, alive_until, oldest_open)
      VALUES (gen_random_uuid(), now() - interval '1 second', '00000000-0000-7000-8000-000000000000') RETURNING id`;
    const [counter] = await gate.sql`
      UPDATE counters SET held_usd = held_usd + 0.000190, open_holds = open_holds + 1
      WHERE scope_id = ${gate.seeded.ids.user} RETURNING id`;
    await gate.sql`
      INSERT INTO ledger (id, created_at, status, organization_id, user_id, endpoint, model, hold_usd, counter_ids, instance_id)
      VALUES ('00000000-0000-7000-8000-00000000dead', now(), 'held', ${gate.seeded.ids.organization},
        ${gate.seeded.ids.user}, 'chat/completions', 'instant', 0.000190, ARRAY[${counter?.id}::bigint], ${dead})`;
    expect((await ask({ max_tokens: 100 })).response.status).toBe(200);
  });
});

test("rejects a request beyond the concurrency limit, and admits it once another has ended", async () => {
  await budget(null, { max_concurrent: 1 });
  const first = gate.chat({ model: "slow", messages });
  await expect.poll(() => gate.upstream.requests.length).toBe(1);
  const { response, body } = await ask();
  expect(response.status).toBe(429);
  expect(body.error).toMatchObject({ code: "concurrency_limit_exceeded" });
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  await (await first).text();
  expect((await ask()).response.status).toBe(200);
});

describe("with prepaid credit on a budget of zero", () => {
  test("serves what was paid for, and no more", async () => {
    const { user, organization } = gate.seeded.ids;
    await gate.sql`UPDATE users SET budget_period = 'total', budget_limit_usd = 0 WHERE id = ${user}`;
    expect((await ask()).body.error.code).toBe("insufficient_quota");
    const credit = (usd: string) =>
      gate.sql`SELECT tollgate_adjust_v1(gen_random_uuid(), 'user', ${user}, 'total', ${organization}, ${user},
        null, null, -${usd}::numeric, 'Invoice 17', 'test')`;
    await credit("0.01");
    expect((await ask()).response.status).toBe(200);
    await credit("-0.01");
    expect((await ask()).body.error.code).toBe("insufficient_quota");
  });
});
