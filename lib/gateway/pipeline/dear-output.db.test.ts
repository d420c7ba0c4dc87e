import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { billedBy, chunk } from "#lib/gateway/testing/billing-provider";
import { hangUpAt } from "#lib/gateway/testing/hang-up";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { restoreTimeouts, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const MAX_TOKENS = 1_000;
const rates = { inputPerMtok: "0", outputPerMtok: "10" };
const SOUND = { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } };

const gate = await testGateway({
  models: [
    { name: "gpt-audio", rates: { ...rates, inputAudioPerMtok: "0", outputAudioPerMtok: "80" } },
    { name: "gemini-2.5-flash-image", rates: { ...rates, outputImagePerMtok: "120" } },
  ],
});
await billedBy(gate, async ({ stream }, response) => {
  if (stream) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk({ content: "Here it comes." }));
  }
  await sleep(3_000, undefined, { ref: false });
  response.destroy();
});
/** A proxy at an address of one's own, whose models another company serves. */
await gate.sql`
  UPDATE providers SET settings = ${gate.sql.json({ stops_on_disconnect: false })}
  WHERE id = ${gate.seeded.ids.provider}`;
await gate.gateway.routing({ fresh: true });
restoreTimeouts(gate);

const messages = [{ role: "user", content: "Hello!" }];
const KINDS: [string, { model: string }, number][] = [
  ["sound that was asked for", { model: "gpt-audio", ...SOUND }, 80],
  ["text, where no sound was asked for", { model: "gpt-audio" }, 10],
  ["pictures of a model that paints", { model: "gemini-2.5-flash-image" }, 120],
];

describe.each(KINDS)("output that no one has seen is charged as %s", (_, fields, perMtok) => {
  const body = { messages, max_tokens: MAX_TOKENS, ...fields };

  test("if the answer takes too long", async () => {
    await leaveBudget(gate, 1);
    gate.gateway.requestTimeoutMs = 300;
    const response = await gate.chat(body);
    expect(response.status).toBe(504);
    const row = await gate.rowOf(response);
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(MAX_TOKENS);
    expect(Number(row.cost_usd)).toBeCloseTo(Number(row.output_tokens) * perMtok * 1e-6, 9);
  });

  test("beyond the words that were seen, if the client hangs up", async () => {
    await leaveBudget(gate, 1);
    gate.gateway.readOnMs = 50;
    const response = await gate.chat({ ...body, stream: true });
    await hangUpAt("comes", response);
    const row = await gate.settledRow(response.headers.get("x-request-id"));
    const seen = 4;
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(MAX_TOKENS);
    const usd = (seen * 10 + (Number(row.output_tokens) - seen) * perMtok) * 1e-6;
    expect(Number(row.cost_usd)).toBeCloseTo(usd, 9);
  });

  test("if the process dies", async () => {
    await leaveBudget(gate, 1);
    const gone = new AbortController();
    const asked = gate.chat(body, { signal: gone.signal }).catch(() => null);
    await expect.poll(() => gate.gateway.inFlight.size).toBe(1);
    const [id = ""] = [...gate.gateway.inFlight.keys()];
    await gate.sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true`;
    await expect.poll(() => sweepExpiredHolds(gate.gateway.sql)).toBe(1);
    const [row] = await gate.sql`SELECT status, cost_usd::float AS usd FROM ledger WHERE id = ${id}`;
    expect(row?.status).toBe("swept");
    expect(row?.usd).toBeGreaterThanOrEqual(MAX_TOKENS * perMtok * 1e-6);
    gone.abort();
    await asked;
    await expect.poll(() => gate.gateway.inFlight.size, { timeout: 5_000 }).toBe(0);
    await gate.gateway.settler.idle();
  });
});

testBalancedBooks(gate);
