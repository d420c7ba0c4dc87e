import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import { answerWhole, billedBy, chunk, usageOf } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const MS_PER_TOKEN = 10;
const READ_TOKENS = 1_000;
const TIMEOUT_MS = 100;
const INPUT_USD = 1e-6;
const OUTPUT_USD = 1e-3;
const rates = { inputPerMtok: "1", outputPerMtok: "1000" };
const gate = await testGateway({
  models: [{ name: "m", upstreamModel: "slow", rates, contextWindow: 3_000 }],
});

let billedUsd = 0;
/** Generates 100 tokens a second, until it is whole or the connection closes; "quick" answers at once. */
await billedBy(gate, async (body, response) => {
  if (body.model === "quick") return answerWhole(response, "Well", usageOf(READ_TOKENS, 1));
  const started = performance.now();
  const bound = Number(body.max_tokens);
  let tokens = 0;
  while (tokens < bound && !response.destroyed) {
    await sleep(MS_PER_TOKEN);
    tokens = Math.min(bound, Math.floor((performance.now() - started) / MS_PER_TOKEN));
  }
  billedUsd += READ_TOKENS * INPUT_USD + tokens * OUTPUT_USD;
  if (response.destroyed) return;
  if (body.stream !== true) return answerWhole(response, "Well", usageOf(READ_TOKENS, tokens));
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(
    `${chunk({ content: "Well" }, "stop")}data: ${JSON.stringify({ choices: [], usage: usageOf(READ_TOKENS, tokens) })}\n\ndata: [DONE]\n\n`,
  );
});

/** Only the provider knows how much of it there is to read. */
const content = [
  { type: "text", text: "Summarize this." },
  { type: "file", file: { file_url: "https://files.example.com/report.pdf" } },
];
const targets = (...names: string[]) =>
  setTargets(
    gate,
    "m",
    names.map((upstreamModel) => ({
      upstreamModel,
      timeoutMs: upstreamModel === "quick" ? 5_000 : TIMEOUT_MS,
    })),
  );

async function ask(maxTokens: number, stream = false) {
  const response = await gate.chat({
    model: "m",
    messages: [{ role: "user", content }],
    max_tokens: maxTokens,
    stream,
  });
  await response.text();
  await expect.poll(() => gate.gateway.inFlight.size, { timeout: 20_000 }).toBe(0);
  await gate.gateway.settler.idle();
  return response;
}

beforeEach(() => {
  billedUsd = 0;
});

test.each([
  ["whole", false],
  ["streamed", true],
])("a late answer, %s, is charged what it has become while it was read on", async (_, stream) => {
  const limitUsd = 0.2;
  await leaveBudget(gate, limitUsd);
  const before = await spentUsd(gate);
  const statuses: number[] = [];
  for (let at = 0; at < 5; at++) {
    // A target that was late is down for a while.
    await targets(`slow-${stream}-${at}`);
    statuses.push((await ask(60, stream)).status);
  }
  expect(statuses).toEqual([504, 504, 504, 429, 429]);
  expect((await spentUsd(gate)) - before).toBeCloseTo(billedUsd, 9);
  expect(billedUsd).toBeLessThanOrEqual(limitUsd);
  await expectBalancedBooks(gate);
});

test("a late answer whose reading ends is charged by the clock, not what it could have become", async () => {
  await leaveBudget(gate, 5);
  const before = await spentUsd(gate);
  await targets("slow-first", "quick");
  expect((await ask(1_000)).status).toBe(200);
  const chargedUsd = (await spentUsd(gate)) - before - READ_TOKENS * INPUT_USD - OUTPUT_USD;
  await expect.poll(() => billedUsd).toBeGreaterThan(0);
  expect(billedUsd, "was cut soon").toBeLessThan(1);
  expect(chargedUsd).toBeGreaterThan(billedUsd * 0.95);
  expect(chargedUsd).toBeLessThan(2 * billedUsd);
  await expectBalancedBooks(gate);
});
