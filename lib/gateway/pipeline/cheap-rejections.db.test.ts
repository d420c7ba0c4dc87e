import { beforeAll, describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

/** $3 a million tokens in, $15 out. */
const rates = { inputPerMtok: "3", outputPerMtok: "15" };
const gate = await testGateway({
  models: [
    { name: "gpt-5", upstreamModel: "gpt-5", rates },
    { name: "elsewhere", upstreamModel: "instant", rates },
    { name: "narrow", upstreamModel: "gpt-5", rates, contextWindow: 400_000, maxOutputTokens: 64_000 },
  ],
  maxBodyBytes: 8 * 1024 * 1024,
});

const PROSE = "The quick brown fox jumps over the lazy dog, and nobody knows why it does so. ";
/** Letters that no tokenizer knows as words. */
function scrambled(characters: number): string {
  let text = "";
  for (let state = 1; text.length < characters; state = (state * 48_271) % 2_147_483_647) {
    text += String.fromCharCode(97 + (state % 26));
  }
  return text;
}
const TEXTS: [what: string, text: string][] = [
  ["prose", PROSE.repeat(13_000)],
  ["base64", Buffer.from(scrambled(750_000)).toString("base64")],
  ["numbers", "0123456789".repeat(100_000)],
  ["scrambled letters", scrambled(1_000_000)],
];

/** The processor time that sizing the last request near a limit took: other tests run beside this one. */
let sizingMs = 0;
const { run } = gate.gateway.counting;
gate.gateway.counting.run = (caller, count) =>
  run(caller, async () => {
    const started = process.cpuUsage();
    try {
      return await count();
    } finally {
      const { user, system } = process.cpuUsage(started);
      sizingMs = (user + system) / 1_000;
    }
  });

async function ask(fields: object) {
  sizingMs = 0;
  const answer = await gate.chat(fields);
  const body: { error?: { code: string } } = await answer.json();
  return { status: answer.status, code: body.error?.code, sizingMs };
}

const asked = (model: string, content: string, max_tokens?: number) => ({
  model,
  messages: [{ role: "user", content }],
  max_tokens,
});

beforeAll(async () => {
  // Loads the tokenizer, which takes longer than all that follows.
  await leaveBudget(gate, "0.001");
  await ask(asked("gpt-5", "word ".repeat(500), 16));
});

describe.each([
  ["gpt-5", 16],
  ["elsewhere", 16],
  ["narrow", undefined],
])(
  "a million characters that a budget of one cent does not cover, for %s with a bound of %s",
  (model, bound) => {
    test.each(TEXTS)("are rejected without being counted: %s", async (_, text) => {
      await leaveBudget(gate, "0.01");
      const tookMs: number[] = [];
      for (let asks = 0; asks < 3; asks++) {
        const { status, code, sizingMs } = await ask(asked(model, text, bound));
        expect([status, code]).toEqual([429, "insufficient_quota"]);
        tookMs.push(sizingMs);
      }
      // Counting takes half a second and more. The first requests also load and compile what counts.
      expect(Math.min(...tookMs)).toBeLessThan(60);
    });
  },
);

test("a request that just fits is not rejected, and one that does not by a little is", async () => {
  const text = PROSE.repeat(2_000);
  await leaveBudget(gate, "1");
  expect((await ask(asked("gpt-5", text, 16))).status).toBe(200);
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  const usd = (tokens: number) => ((tokens * 3 + 16 * 15) / 1e6).toFixed(6);
  const tokens = countTokens(text);
  await leaveBudget(gate, usd(tokens + 60));
  expect((await ask(asked("gpt-5", text, 16))).status).toBe(200);
  await leaveBudget(gate, usd(tokens - 60));
  expect((await ask(asked("gpt-5", text, 16))).code).toBe("insufficient_quota");
});

describe("a body with tools that takes long to weigh", () => {
  const tool = (at: number) => ({
    type: "function",
    function: { name: `tool_${at}`, description: PROSE, parameters: { type: "object", properties: {} } },
  });
  const body = {
    ...asked("gpt-5", "Hi", 16),
    tools: Array.from({ length: 5_000 }, (_, at) => tool(at)),
  };
  const setConcurrency = (most: number | null) => gate.sql`UPDATE users SET max_concurrent = ${most}`;

  test.each(["gpt-5", "elsewhere"])("is rejected without being weighed: %s", async (model) => {
    await leaveBudget(gate, "0.01");
    const { run } = gate.gateway.counting;
    let isWeighed = false;
    gate.gateway.counting.run = (caller, count) => {
      isWeighed = true;
      return run(caller, count);
    };
    const answer = await gate.chat({ ...body, model });
    gate.gateway.counting.run = run;
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({
      error: { code: "insufficient_quota", message: expect.stringMatching(/0\.01 left.*at least \$0\.\d/) },
    });
    expect(isWeighed).toBe(false);
    expect(await gate.sql`SELECT 1 FROM ledger WHERE status = 'held'`).toEqual([]);
  });

  test("is served by a budget that covers it, whole or counted", async () => {
    for (const usd of ["100", "1"]) {
      await leaveBudget(gate, usd);
      expect((await ask(body)).status).toBe(200);
    }
    const [held] = await gate.sql`SELECT sum(held_usd)::float AS usd FROM counters`;
    expect(held).toEqual({ usd: 0 });
  });

  test("is about the concurrency limit first", async () => {
    await leaveBudget(gate, "0.01");
    await setConcurrency(0);
    expect((await ask(body)).code).toBe("concurrency_limit_exceeded");
    await setConcurrency(null);
    expect((await ask(body)).code).toBe("insufficient_quota");
  });
});
