import { randomBytes } from "node:crypto";
import { json } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import { isObject } from "#lib/dialects/text/json-fields";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { becomes } from "#lib/gateway/testing/move-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";
import { connections } from "#lib/providers/testing/exchange-harness";
import { serverOfFile } from "#lib/testing/server-of-file";

const encryptionKey = randomBytes(32).toString("base64");
const MODEL = "gemini-embedding-001";
const USD_PER_MTOK = 0.15;
const gate = await testGateway({
  models: [
    {
      name: MODEL,
      upstreamModel: MODEL,
      rates: { inputPerMtok: String(USD_PER_MTOK), outputPerMtok: "0" },
      contextWindow: 2_048,
    },
  ],
  encryptionKey,
});

/** How Google AI refuses a part: its quota, or what the part says. */
let refusal = { code: 429, status: "RESOURCE_EXHAUSTED", message: "Quota exceeded" };
let billedUsd = 0;
/** Google AI reports no tokens of texts to embed, and each digit is one (ai.google.dev/gemma/docs, "split digits"). */
const url = await serverOfFile(async (incoming, outgoing) => {
  const texts = JSON.stringify(await json(incoming)).match(/"text":"[^"]*"/g) ?? [];
  const isRefused = texts.some((text) => !/^"text":"\d/.test(text));
  outgoing.writeHead(isRefused ? refusal.code : 200, { "content-type": "application/json" });
  if (isRefused) return outgoing.end(JSON.stringify({ error: refusal }));
  billedUsd += (texts.join("").replace(/\D/g, "").length * USD_PER_MTOK) / 1e6;
  return outgoing.end(JSON.stringify({ embeddings: texts.map(() => ({ values: [0.1, 0.2] })) }));
});
/** As many as one part has, and each nearly as long as a text may be. */
const digits = Array.from({ length: 100 }, (_, at) => `${at}${"7294015386".repeat(190)}`.slice(0, 1_900));
const ask = (...after: string[]) => gate.post("embeddings", { model: MODEL, input: [...digits, ...after] });
const isOverBudget = async (response: Response) => {
  const answer: unknown = await response.json();
  return isObject(answer) && isObject(answer.error) && answer.error.code === "insufficient_quota";
};

const credentials = { api_key: "AIza-key" };
beforeEach(async () => {
  billedUsd = 0;
  await becomes(gate, encryptionKey, { type: "google", baseUrl: url, credentials }, connections());
});

describe("texts to embed of which the provider answers a part and reports nothing", () => {
  test.each([
    ["a short part", 429, "x"],
    ["a long one", 429, "the people of the world ".repeat(20_000)],
    ["one of spaces", 429, `a${" ".repeat(480_000)}`],
    ["one that it refuses for what it says", 400, `\ud800${" ".repeat(480_000)}`],
  ])("cost a hard budget no less than they bill, however often %s fails", async (_, code, after) => {
    refusal = { code, status: code === 400 ? "INVALID_ARGUMENT" : "RESOURCE_EXHAUSTED", message: "No." };
    await leaveBudget(gate, 0.2);
    const before = await spentUsd(gate);
    for (let at = 0; at < 20; at++) {
      if (await isOverBudget(await ask(after))) break;
      await gate.gateway.settler.idle();
    }
    expect(billedUsd).toBeGreaterThan(0);
    expect(billedUsd).toBeLessThanOrEqual(0.2);
    expect((await spentUsd(gate)) - before).toBeGreaterThanOrEqual(billedUsd);
  });

  test("cost others about their share of the estimate", async () => {
    await leaveBudget(gate, null);
    refusal = { code: 429, status: "RESOURCE_EXHAUSTED", message: "No." };
    const whole = await gate.rowOf(await ask());
    const half = await gate.rowOf(await ask("x".repeat(190_000)));
    expect(Number(half.input_tokens) / Number(whole.input_tokens)).toBeGreaterThan(0.4);
    expect(Number(half.input_tokens) / Number(whole.input_tokens)).toBeLessThan(1.1);
  });
});

testBalancedBooks(gate);
