import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { readRecentPaces } from "#lib/credit/ledger/recent-paces";
import { png } from "#lib/dialects/media/testing/media-files";
import { progressOf } from "#lib/gateway/ports/in-flight";
import { CLIENT_GONE, testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { chat, raw, type Scenario } from "#lib/testing/upstream/scenario";

const rates = { inputPerMtok: "3", outputPerMtok: "15" };
const messages = [{ role: "user", content: "Hello!" }];
const json = { "content-type": "application/json" };
const sse = { "content-type": "text/event-stream" };

const picture = {
  type: "image_url",
  image_url: { url: `data:image/png;base64,${png(1024, 1024, 750_000)}` },
};
const answer = (message: object) =>
  JSON.stringify({
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }],
  });
const event = (choice: object) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`;
/** Three words, and then nothing that is shown. */
const lastWord: Scenario = chat(
  { chunks: 3, usage: null, done: false },
  {},
  { does: "stall", at: { afterWrites: 4 } },
);

const gate = await testGateway({
  models: ["pictured", "wordless", "worded", "reasoner", "gpt-4o", "known", "seeded", "late"].map((name) => ({
    name,
    rates,
  })),
  rules: [
    { model: "pictured", scenario: raw(200, json, answer({ content: "Here.", images: [picture] })) },
    {
      model: "wordless",
      scenario: raw(200, sse, [event({ delta: {}, finish_reason: "stop" }), "data: [DONE]\n\n"]),
    },
    {
      model: "worded",
      scenario: raw(200, json, answer({ content: "The ferry came in at dawn. ".repeat(40) })),
    },
    { model: "reasoner", scenario: lastWord },
    { model: "gpt-4o", scenario: lastWord },
    { model: "late", scenario: chat({ chunks: 100 }, { headDelayMs: 1_500, paceMs: 4 }) },
    { model: "known", scenario: chat({ text: "Yes.", usage: null }) },
  ],
});

async function ask(fields: object) {
  const response = await gate.chat({ messages, ...fields });
  await response.text();
  return gate.settledRow(response.headers.get("x-request-id"));
}

/** Hangs up after the last visible word. */
async function hangUp(model: string, afterMs: number, fields: object = {}) {
  const gone = new AbortController();
  const response = await gate.chat({ model, messages, stream: true, ...fields }, { signal: gone.signal });
  await response.body?.getReader().read();
  await sleep(afterMs);
  const progress = progressOf(gate.gateway.inFlight, 0);
  gone.abort();
  return { row: await gate.settledRow(response.headers.get("x-request-id")), progress };
}

describe("an answer without usage that has arrived whole", () => {
  test("is charged no more than its bound, whatever it carries", async () => {
    const row = await ask({ model: "pictured", max_tokens: 100 });
    // It was $3.75: the JSON of its choices at four bytes a token.
    expect(row).toMatchObject({
      usage_source: "estimated",
      output_tokens: "100",
      overrun_usd: "0.000000000000",
    });
    expect(Number(row.cost_usd)).toBeLessThan(0.002);
  });

  test("is charged a picture as a picture", async () => {
    const { output_tokens: tokens } = await ask({ model: "pictured" });
    expect(Number(tokens)).toBeGreaterThan(645);
    expect(Number(tokens)).toBeLessThan(2_580);
  });

  test("is charged by its text", async () => {
    const { output_tokens: tokens } = await ask({ model: "worded" });
    // 280 words and dots.
    expect(Number(tokens)).toBeGreaterThan(140);
    expect(Number(tokens)).toBeLessThan(560);
  });

  test("is not charged by the clock if it has no content", async () => {
    expect(await ask({ model: "wordless", stream: true })).toMatchObject({
      http_status: 200,
      usage_source: "estimated",
      output_tokens: "0",
    });
  });

  test("is charged for an input that is close to the true count", async () => {
    // 9 tokens by OpenAI's count.
    const { input_tokens: tokens } = await ask({
      model: "known",
      messages: [{ role: "user", content: "Say hello." }],
    });
    expect(Number(tokens)).toBeGreaterThan(4);
    expect(Number(tokens)).toBeLessThanOrEqual(18);
  });

  test("is charged for encrypted reasoning what is in it, also where texts are counted", async () => {
    const said = "We need the timetable before we can tell the fare. ".repeat(200);
    // What is encrypted is as random as this.
    const data = createHash("shake256", { outputLength: said.length }).update("key").digest("base64");
    const sealed = [
      { role: "assistant", content: "So.", reasoning_details: [{ type: "reasoning.encrypted", data }] },
      ...messages,
    ];
    await leaveBudget(gate, 5);
    const { input_tokens: tokens } = await ask({ model: "known", messages: sealed, max_tokens: 10 });
    await leaveBudget(gate, null);
    const trueTokens = 11 * 200;
    expect(Number(tokens)).toBeGreaterThan(trueTokens / 2);
    expect(Number(tokens)).toBeLessThan(trueTokens * 2);
  });
});

describe("hanging up after the last visible word", () => {
  test("is charged by the time if the model may hide output", async () => {
    const { row, progress } = await hangUp("reasoner", 1_000, { max_tokens: 200_000 });
    expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(100);
    expect(Number(row.output_tokens)).toBeLessThan(1_000);
    // A sweep would charge no less.
    expect(progress[0]?.ifSweptOutputTokens).toBeGreaterThanOrEqual(100);
  });

  test("is charged at the observed pace, up to the bound: the whole 3.00 if it may have been generated", async () => {
    const target = {
      providerName: String((await ask({ model: "known" })).provider),
      upstreamModel: "reasoner",
    };
    gate.gateway.pace.note(target, { outputTokens: 400_000, latencyMs: 1_000 });
    const { row, progress } = await hangUp("reasoner", 600, { max_tokens: 200_000 });
    expect(row).toMatchObject({ ...CLIENT_GONE, output_tokens: "200000", overrun_usd: "0.000000000000" });
    expect(Number(row.cost_usd)).toBeGreaterThan(3);
    expect(progress[0]?.ifSweptOutputTokens).toBe(200_000);
  });

  test("is charged what was seen and a second's worth if the model shows all", async () => {
    const { row } = await hangUp("gpt-4o", 1_500, { max_tokens: 200_000 });
    expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    expect(Number(row.output_tokens)).toBeGreaterThan(100);
    expect(Number(row.output_tokens)).toBeLessThan(110);
  });

  test("is never charged above the bound that was sent", async () => {
    const { row } = await hangUp("gpt-4o", 0, { max_tokens: 20 });
    expect(row).toMatchObject({ output_tokens: "20", overrun_usd: "0.000000000000" });
  });
});

test("the observed pace is that of what was shown, if the answer came late", async () => {
  const { provider, latency_ms: latencyMs } = await ask({ model: "late", stream: true });
  const overall = 100_000 / Number(latencyMs);
  const target = { providerName: String(provider), upstreamModel: "late" };
  expect(gate.gateway.pace.tokensPerSecond(target)).toBeGreaterThan(overall * 1.2);
});

test("the observed pace survives a restart: the ledger has it", async () => {
  const { provider, latency_ms: latencyMs } = await ask({ model: "seeded" });
  const paces = await readRecentPaces(gate.sql, String(provider), "seeded");
  expect(paces).toEqual([{ outputTokens: 5, latencyMs: Number(latencyMs) }]);
  // Estimates say nothing about it.
  expect(await readRecentPaces(gate.sql, String(provider), "reasoner")).toEqual([]);
});

testBalancedBooks(gate);
