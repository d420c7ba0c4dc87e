import { setTimeout as sleep } from "node:timers/promises";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { png } from "#lib/dialects/media/testing/media-files";
import { billedAtHosts, chunk } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { restoreTimeouts, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";

const QWEN = "Qwen/Qwen2.5-VL-72B-Instruct";
const HARMONY = "openai/gpt-oss-120b";
const WRITES = /5\.6|claude/;
const WRITE_RATE = { cacheWritePerMtok: "1.25" };
const gate = await testGateway({
  silenceMs: 1_500,
  models: [QWEN, HARMONY, "gpt-4o", "gpt-5.1", "gpt-5.6-sol", "claude-opus-5-5"].map((upstreamModel) => ({
    name: upstreamModel,
    upstreamModel,
    rates: { ...MICRODOLLAR_RATES, ...(WRITES.test(upstreamModel) ? WRITE_RATE : {}), outputPerMtok: "0" },
    contextWindow: 200_000,
  })),
});
restoreTimeouts(gate);

/** Whether the provider says a word before it waits, and whether it could finish its answer. */
let speaks = true;
let wasLeft = false;
const setHost = await billedAtHosts(gate, async (_, response) => {
  wasLeft = false;
  response.on("close", () => (wasLeft = !response.writableEnded));
  if (speaks) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk({ content: "A" }));
  }
  await sleep(3_000, undefined, { ref: false });
  response.end();
});
await setHost("https://api.together.xyz/v1");

/** Hangs up after the first word, or waits for a time-out if none is said. */
async function cut(model: string, fields: object, path = "chat/completions") {
  const gone = new AbortController();
  const body = { model, stream: true, max_tokens: 9, ...fields };
  const response = await fetch(`${gate.url}/${path}`, {
    method: "POST",
    signal: gone.signal,
    headers: { authorization: `Bearer ${gate.seeded.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (speaks) {
    expect(response.status).toBe(200);
    await response.body?.getReader().read();
    gone.abort();
  } else await response.text();
  await expect.poll(() => gate.gateway.inFlight.size).toBe(0);
  await gate.gateway.settler.idle();
  const [row] = await gate.sql`
    SELECT input_tokens::int AS input, cache_write_tokens::int AS written, hold_usd::float8 * 1e6 AS held, overrun_usd::float8 AS overrun
    FROM ledger ORDER BY id DESC LIMIT 1`;
  return {
    input: Number(row?.input),
    written: Number(row?.written),
    held: Number(row?.held),
    overrun: row?.overrun,
  };
}

const say = (content: unknown) => ({ messages: [{ role: "user", content }] });
const picture = { type: "image_url", image_url: { url: `data:image/png;base64,${png(2, 2)}` } };
const DIGITS = "3141592653589793".repeat(100);
/** What the documentation of each bills (sizing/charged-input.test.ts has the sources). */
const HOSTILE: [string, string, object, number][] = [
  ["tiny pictures", QWEN, say([picture, picture]), 2 * 258],
  ["tiny pictures", "gpt-5.1", say([picture, picture]), 2 * 210],
  ["a template's own words", QWEN, say("hi"), 30],
  ["harmony's words", HARMONY, say("hi"), 68],
  ["digits", QWEN, say(DIGITS), DIGITS.length],
];

describe("a request whose provider stops at a hang-up, under a hard budget", () => {
  test.each(HOSTILE)("is charged what is billed for its input: %s (%s)", async (_, model, fields, billed) => {
    speaks = true;
    await leaveBudget(gate, 1);
    const { input, held, overrun } = await cut(model, fields);
    expect(input).toBeGreaterThanOrEqual(billed);
    expect(input).toBeLessThanOrEqual(held);
    expect(overrun).toBe(0);
    expect(wasLeft).toBe(true);
  });

  test("is charged so, too, if its provider takes too long", async () => {
    speaks = false;
    gate.gateway.requestTimeoutMs = 50;
    await leaveBudget(gate, 1);
    const { input, held } = await cut(QWEN, say(DIGITS));
    expect(input).toBeGreaterThanOrEqual(DIGITS.length);
    expect(input).toBeLessThanOrEqual(held);
    await expectBalancedBooks(gate);
  });

  test.each(["gpt-4o", QWEN, HARMONY])("is charged at most twice the truth for prose: %s", async (model) => {
    speaks = true;
    const prose = "The tide had turned before they reached the harbour, and the boats came in. ".repeat(400);
    await leaveBudget(gate, 1);
    const { input } = await cut(model, say(prose));
    expect(input).toBeGreaterThanOrEqual(countTokens(prose));
    expect(input).toBeLessThan(2 * countTokens(prose));
    expect(wasLeft).toBe(true);
  });

  test.each([
    ["chat/completions", "gpt-5.6-sol", true],
    ["messages", "gpt-5.6-sol", true],
    ["messages", "claude-opus-5-5", false],
  ] as const)("is charged as a model writes to its cache unasked: %s, %s", async (path, model, isWritten) => {
    speaks = true;
    await leaveBudget(gate, 1);
    const { input, written } = await cut(model, say(DIGITS), path);
    expect(input).toBeGreaterThan(500);
    expect(written).toBe(isWritten ? input : 0);
  });

  test("is charged by an estimate without a budget", async () => {
    speaks = true;
    await leaveBudget(gate, null);
    expect((await cut(QWEN, say("hi"))).input).toBeLessThan(30);
  });
});

describe("a prediction", () => {
  test("is charged as many tokens as it has, if the answer is cut off", async () => {
    speaks = true;
    await setHost("https://api.openai.com/v1");
    await leaveBudget(gate, 1);
    const content = "𐌰𐌱𐌲".repeat(100);
    await cut("gpt-4o", { ...say("hi"), prediction: { type: "content", content } });
    const [row] = await gate.sql`SELECT output_tokens::int AS output FROM ledger ORDER BY id DESC LIMIT 1`;
    expect(row?.output).toBeGreaterThanOrEqual(countTokens(content));
    expect(row?.output).toBeLessThan(2 * countTokens(content));
    await expectBalancedBooks(gate);
  });
});
