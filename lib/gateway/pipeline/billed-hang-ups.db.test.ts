import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { answerWhole, billedBy, chunk, usageOf } from "#lib/gateway/testing/billing-provider";
import { CLIENT_GONE, testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { restoreTimeouts, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const messages = [{ role: "user", content: "x" }];
const rates = { inputPerMtok: "3", outputPerMtok: "15" };
const MAX_TOKENS = 4_000;

const gate = await testGateway({
  models: [
    ["gpt-4o", "openai/gpt-4o"],
    ["gemini", "google/gemini-2.0-flash"],
    ["o3", "openai/o3"],
    ["own", "my-own-model"],
  ].map(([name = "", upstreamModel = ""]) => ({ name, upstreamModel, rates, contextWindow: 131_072 })),
});

/** What the provider bills, whether anybody reads it or not. */
let billedUsd = 0;
let asked = 0;
/** Requests whose connection was closed before their end. */
let closed = 0;
let answerMs = 300;

async function stream(response: ServerResponse, output: number): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const pieces = 20;
  for (let at = 0; at < pieces && !response.destroyed; at++) {
    response.write(chunk({ content: "a ".repeat(output / pieces) }));
    await sleep(answerMs / pieces);
  }
  const usage = `data: ${JSON.stringify({ choices: [], usage: usageOf(10, output) })}\n\n`;
  if (!response.destroyed) response.end(`${chunk({}, "stop")}${usage}data: [DONE]\n\n`);
}

async function whole(response: ServerResponse, output: number): Promise<void> {
  await sleep(answerMs);
  if (!response.destroyed) answerWhole(response, "a ".repeat(output), usageOf(10, output));
}

await billedBy(gate, (body, response) => {
  const output = Number(body.max_tokens);
  asked += 1;
  billedUsd += (10 * 3 + output * 15) / 1e6;
  response.on("close", () => {
    if (!response.writableFinished) closed += 1;
  });
  return body.stream ? stream(response, output) : whole(response, output);
});

/** A proxy at an address of one's own, whose models another company serves. */
const GOES_ON = { stops_on_disconnect: false };

const setProvider = async (settings: object) => {
  await gate.sql`
    UPDATE providers SET settings = ${gate.sql.json({ ...settings })}
    WHERE id = ${gate.seeded.ids.provider}`;
  await gate.gateway.routing({ fresh: true });
};

type Fields = { model: string; stream?: boolean; max_tokens?: number };

/** Hangs up after the first word of a stream, or some time after asking. Returns the status, null without one. */
async function hangUp(fields: Fields): Promise<number | null> {
  const gone = new AbortController();
  const before = asked;
  const body = { messages, max_tokens: MAX_TOKENS, ...fields };
  const answered = gate.chat(body, { signal: gone.signal }).then(
    (response) => response,
    () => null,
  );
  if (fields.stream) await (await answered)?.body?.getReader().read();
  else
    await Promise.race([answered, expect.poll(() => asked, { interval: 5 }).toBe(before + 1)]).catch(
      () => {},
    );
  gone.abort();
  return (await answered)?.status ?? null;
}

const settled = () => expect.poll(() => gate.gateway.inFlight.size, { timeout: 5_000 }).toBe(0);

async function lastRow() {
  await settled();
  await gate.gateway.settler.idle();
  const [row] = await gate.sql`SELECT * FROM ledger WHERE status = 'settled' ORDER BY id DESC LIMIT 1`;
  return row;
}

let spentBefore = 0;
beforeEach(async () => {
  await setProvider(GOES_ON);
  billedUsd = 0;
  asked = 0;
  closed = 0;
  answerMs = 300;
  spentBefore = await spentUsd(gate);
});
restoreTimeouts(gate);

describe("under a hard budget of $0.10, fifty hang-ups at a provider that goes on", () => {
  test.each<[string, Fields]>([
    ["a request that is not streamed", { model: "gpt-4o" }],
    ["a stream", { model: "gpt-4o", stream: true }],
    ["a stream of Gemini's", { model: "gemini", stream: true }],
    ["a stream of a model that hides its reasoning", { model: "o3", stream: true }],
    ["a stream of a model with a name of one's own", { model: "own", stream: true }],
  ])("bill no more than the budget, and the ledger has all of it: %s", async (_, fields) => {
    await leaveBudget(gate, 0.1);
    const statuses: (number | null)[] = [];
    for (let at = 0; at < 50; at++) statuses.push(await hangUp(fields));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(40);
    await settled();
    await gate.gateway.settler.idle();
    expect(asked).toBeGreaterThanOrEqual(1);
    expect(closed).toBe(0);
    expect(billedUsd).toBeLessThanOrEqual(0.1);
    expect((await spentUsd(gate)) - spentBefore).toBeCloseTo(billedUsd, 9);
  });
});

describe("where reading on takes too long, the whole bound is charged:", () => {
  test.each<[string, Fields]>([
    ["before the answer has begun", { model: "gpt-4o" }],
    ["in the middle of a stream", { model: "gemini", stream: true }],
  ])("%s", async (_, fields) => {
    answerMs = 2_000;
    gate.gateway.readOnMs = 100;
    await leaveBudget(gate, 0.1);
    await hangUp(fields);
    expect(await lastRow()).toMatchObject({
      ...CLIENT_GONE,
      usage_source: "estimated",
      output_tokens: String(MAX_TOKENS),
      overrun_usd: "0.000000000000",
    });
    expect((await spentUsd(gate)) - spentBefore).toBeGreaterThanOrEqual(MAX_TOKENS * 15e-6);
    await expect.poll(() => closed).toBe(1);
  });

  test.each([true, false])(
    "before REQUEST_TIMEOUT_MS, with its client or without (with: %s)",
    async (stays) => {
      answerMs = 2_000;
      gate.gateway.requestTimeoutMs = 200;
      await leaveBudget(gate, 0.1);
      const fields = { model: "gpt-4o", max_tokens: MAX_TOKENS };
      if (stays) expect((await gate.chat({ messages, ...fields })).status).toBe(504);
      else await hangUp(fields);
      expect(await lastRow()).toMatchObject({
        http_status: stays ? 504 : 499,
        usage_source: "estimated",
        output_tokens: String(MAX_TOKENS),
      });
      expect(closed).toBe(1);
    },
  );

  test("and when the process shuts down", async () => {
    answerMs = 2_000;
    await leaveBudget(gate, 0.1);
    await hangUp({ model: "o3", stream: true });
    for (const { stopReading } of gate.gateway.inFlight.values()) stopReading();
    expect(await lastRow()).toMatchObject({ ...CLIENT_GONE, output_tokens: String(MAX_TOKENS) });
  });
});

test("a request that is read on keeps its slot and its hold", async () => {
  await leaveBudget(gate, 1);
  answerMs = 1_000;
  await gate.sql`UPDATE users SET max_concurrent = 1 WHERE id = ${gate.seeded.ids.user}`;
  await hangUp({ model: "gpt-4o" });
  const next = await gate.chat({ model: "gpt-4o", messages, max_tokens: 16 });
  expect([next.status, (await next.json()).error.code]).toEqual([429, "concurrency_limit_exceeded"]);
  const [counter] = await gate.sql`
    SELECT held_usd::float AS held FROM counters WHERE scope_id = ${gate.seeded.ids.user} AND held_usd > 0`;
  expect(counter?.held).toBeGreaterThanOrEqual(MAX_TOKENS * 15e-6);
  await gate.sql`UPDATE users SET max_concurrent = NULL WHERE id = ${gate.seeded.ids.user}`;
  expect(await lastRow()).toMatchObject({ ...CLIENT_GONE, usage_source: "provider" });
});

describe("is cut off at once, and estimated", () => {
  test.each<[string, Fields, number | null]>([
    ["a stream of a provider that stops", { model: "gpt-4o", stream: true }, 0.1],
    ["a whole answer of a provider that stops", { model: "gpt-4o" }, 0.1],
    ["a stream without a hard budget", { model: "gpt-4o", stream: true }, null],
    ["a whole answer without a hard budget", { model: "gpt-4o" }, null],
  ])("%s", async (_, fields, budgetUsd) => {
    await setProvider({});
    answerMs = 5_000;
    await leaveBudget(gate, budgetUsd);
    await hangUp(fields);
    const row = await lastRow();
    expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    expect(Number(row?.output_tokens)).toBeLessThan(MAX_TOKENS);
    await expect.poll(() => closed).toBe(1);
  });
});

testBalancedBooks(gate);
