import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { event } from "#lib/dialects/messages/testing/played-message";
import { billedAtHosts } from "#lib/gateway/testing/billing-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const rates = {
  inputPerMtok: "5",
  cacheWritePerMtok: "6.25",
  cacheWrite1hPerMtok: "10",
  cacheReadPerMtok: "0.5",
  outputPerMtok: "25",
};
const gate = await testGateway({
  silenceMs: 1_500,
  models: [{ name: "claude", rates, contextWindow: 200_000, providerType: "anthropic" }],
});

/** A tokenizer of its own counts more than any estimate; all of it is written to a cache of an hour. */
const WRITTEN_TOKENS = 40_000;
const USAGE = {
  input_tokens: 10,
  cache_creation_input_tokens: WRITTEN_TOKENS,
  cache_creation: { ephemeral_1h_input_tokens: WRITTEN_TOKENS },
  output_tokens: 1,
};
const BILLED = {
  input_tokens: String(WRITTEN_TOKENS + 10),
  meters: { cache_write_1h_tokens: WRITTEN_TOKENS },
};

let waits: { beforeReport: number; afterReport: number };
let asked: () => void;
let reported: () => void;
let closed: () => void;
const setHost = await billedAtHosts(gate, async (_, response) => {
  asked();
  response.on("close", () => closed());
  await sleep(waits.beforeReport);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(event("message_start", { message: { content: [], usage: USAGE } }));
  // Thinking that is not shown.
  response.write(
    event("content_block_start", { index: 0, content_block: { type: "thinking", thinking: "" } }),
  );
  reported();
  await sleep(waits.afterReport);
  response.end();
});

/** Hangs up once the provider has the request, or has reported its input. */
async function hangUp(when: "asked" | "reported" | "never") {
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const isReported = new Promise<void>((resolve) => (reported = resolve));
  const isClosed = new Promise<void>((resolve) => (closed = resolve));
  const gone = new AbortController();
  const text = "The quick brown fox jumps over the lazy dog. ".repeat(2_000);
  const sent = fetch(`${gate.url}/messages`, {
    method: "POST",
    signal: gone.signal,
    headers: { "content-type": "application/json", "x-api-key": gate.seeded.apiKey },
    body: JSON.stringify({
      model: "claude",
      stream: true,
      max_tokens: 2_000,
      system: [{ type: "text", text, cache_control: { type: "ephemeral", ttl: "1h" } }],
      messages: [{ role: "user", content: "Hello!" }],
    }),
  }).catch(() => null);
  await (when === "reported" ? isReported : isAsked);
  if (when === "reported") await sleep(50);
  if (when !== "never") gone.abort();
  await sent;
  await isClosed;
  await expect.poll(() => gate.gateway.inFlight.size).toBe(0);
  await gate.gateway.settler.idle();
  const [row] = await gate.sql`SELECT * FROM ledger ORDER BY id DESC LIMIT 1`;
  return row;
}

beforeEach(() => setHost("https://api.anthropic.com/v1"));

describe("a message whose client hangs up before any content", () => {
  test.each([
    ["before the input is reported", { beforeReport: 300, afterReport: 60_000 }, "asked"],
    ["after that", { beforeReport: 0, afterReport: 60_000 }, "reported"],
  ] as const)("is charged the input that is reported, under a hard budget: %s", async (_, given, when) => {
    waits = given;
    await leaveBudget(gate, 5);
    const row = await hangUp(when);
    expect(row).toMatchObject({ ...BILLED, http_status: 499, usage_source: "estimated" });
    // Thinking is charged by the clock.
    expect(Number(row?.output_tokens)).toBeGreaterThan(1);
    expect(Number(row?.output_tokens)).toBeLessThan(2_000);
  });

  test("is charged what is reported, too, if no content comes in time", async () => {
    await leaveBudget(gate, 5);
    waits = { beforeReport: 0, afterReport: 60_000 };
    const row = await hangUp("never");
    expect(row).toMatchObject({ ...BILLED, http_status: 504, usage_source: "estimated" });
    expect(Number(row?.output_tokens)).toBeGreaterThan(100);
  });

  test("is charged as if all was written to the cache, if nothing is reported in time", async () => {
    await leaveBudget(gate, 5);
    waits = { beforeReport: 60_000, afterReport: 0 };
    const row = await hangUp("never");
    expect(row).toMatchObject({ http_status: 504, usage_source: "estimated" });
    expect(row?.meters).toEqual({ cache_write_1h_tokens: Number(row?.input_tokens) });
    expect(Number(row?.cost_usd)).toBeGreaterThan(Number(row?.input_tokens) * 10e-6);
  });

  test("is cut off at once without a budget, and keeps what was reported until then", async () => {
    await leaveBudget(gate, null);
    waits = { beforeReport: 0, afterReport: 60_000 };
    expect(await hangUp("reported")).toMatchObject(BILLED);
    waits = { beforeReport: 2_000, afterReport: 0 };
    expect(await hangUp("asked")).not.toMatchObject(BILLED);
  });
});
