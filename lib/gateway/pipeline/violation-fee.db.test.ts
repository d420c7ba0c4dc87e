import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isObject } from "#lib/dialects/text/json-fields";
import { billedAtHosts, usageOf } from "#lib/gateway/testing/billing-provider";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const FEE_USD = 0.05;
const rates = { inputPerMtok: "0.02", outputPerMtok: "0.05" };
const gate = await testGateway({
  models: [
    { name: "grok", upstreamModel: "grok-4.3", rates, contextWindow: 100_000, providerType: "openai" },
  ],
});

const VIOLATION = {
  code: "The caller does not have permission to execute the specified operation",
  error: "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
};
const MESSAGE = { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello" }] };

let afterMs = 0;
let billedUsd = 0;
const atHost = await billedAtHosts(gate, async ({ input, messages }, response) => {
  const isViolation = JSON.stringify(input ?? messages).includes("forbidden");
  if (isViolation && input !== undefined) billedUsd += FEE_USD;
  await sleep(afterMs);
  response.writeHead(isViolation ? 403 : 200, { "content-type": "application/json" });
  if (isViolation) return response.end(JSON.stringify(VIOLATION));
  const usage = { input_tokens: 10, output_tokens: 10, total_tokens: 20 };
  if (input !== undefined)
    return response.end(
      JSON.stringify({ object: "response", status: "completed", output: [MESSAGE], usage }),
    );
  const choices = [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }];
  return response.end(JSON.stringify({ choices, usage: usageOf(10, 10) }));
});

const body = { model: "grok", input: "forbidden", max_output_tokens: 20 };
const ask = (fields: object = {}) => gate.post("responses", { ...body, ...fields });

async function needed(response: Response): Promise<string> {
  const answer: unknown = await response.json();
  const error = isObject(answer) && isObject(answer.error) ? answer.error : {};
  return String(error.message);
}

beforeEach(async () => {
  await atHost("https://api.x.ai/v1");
  await leaveBudget(gate, 0.5);
  billedUsd = 0;
});
afterEach(() => {
  afterMs = 0;
});

describe("xAI's fee for a violation of its guidelines", () => {
  test("is charged where it exceeds the tokens, with a hard budget and without", async () => {
    for (const budgetUsd of [0.5, null]) {
      await leaveBudget(gate, budgetUsd);
      const response = await ask();
      expect(response.status).toBe(403);
      expect(await gate.rowOf(response)).toMatchObject({
        status: "settled",
        cost_usd: "0.050000000000",
        overrun_usd: "0.000000000000",
      });
    }
  });

  test("ends at the budget, however often it is caused", async () => {
    const before = await spentUsd(gate);
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => (await ask({ stream: at % 2 === 1 })).status),
    );
    await gate.gateway.settler.idle();
    expect(statuses).toContain(403);
    expect(statuses).toContain(429);
    expect(billedUsd).toBeLessThanOrEqual(0.5 + 1e-9);
    expect((await spentUsd(gate)) - before).toBeCloseTo(billedUsd, 9);
  });

  test.each([true, false])("is waited for after a hang-up (stream: %s)", async (stream) => {
    afterMs = 300;
    const before = await spentUsd(gate);
    for (let at = 0; at < 3; at++) {
      const gone = new AbortController();
      const url = `${gate.url}/responses`;
      const asked = fetch(url, {
        method: "POST",
        headers: { authorization: `Bearer ${gate.seeded.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ ...body, stream }),
        signal: gone.signal,
      });
      await sleep(100);
      gone.abort();
      await expect(asked).rejects.toThrow();
    }
    await expect.poll(() => gate.gateway.inFlight.size).toBe(0);
    await gate.gateway.settler.idle();
    expect(billedUsd).toBeCloseTo(3 * FEE_USD, 9);
    expect((await spentUsd(gate)) - before).toBeCloseTo(billedUsd, 9);
  });

  test("is held, and not charged for an answer", async () => {
    await leaveBudget(gate, 0.049);
    const rejected = await ask({ input: "Hello" });
    expect(rejected.status).toBe(429);
    expect(await needed(rejected)).toContain("0.05");
    await leaveBudget(gate, 0.051);
    const answered = await ask({ input: "Hello" });
    expect(answered.status).toBe(200);
    expect(await gate.rowOf(answered)).toMatchObject({ cost_usd: "0.000000700000" });
  });

  test("is no matter of other endpoints and providers", async () => {
    await leaveBudget(gate, 0.01);
    const chat = await gate.chat({
      model: "grok",
      messages: [{ role: "user", content: "Hello" }],
      max_tokens: 20,
    });
    expect(chat.status).toBe(200);
    await atHost("https://api.openai.com/v1");
    // Its name says that it may be xAI's, whatever the host.
    expect((await ask({ input: "Hello" })).status).toBe(429);
  });
});

testBalancedBooks(gate);
