import { expect, test } from "vitest";
import { billedBy } from "#lib/gateway/testing/billing-provider";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES, spentUsd } from "#lib/gateway/testing/user-budget";

const LONG = 1_000_000;
const WINDOW = 200_000;
const OUTPUT = 16;
const BETA = { "anthropic-beta": "interleaved-thinking-2025-05-14, context-1m-2025-08-07" };
const TIERS = [{ aboveInputTokens: 200_000, inputPerMtok: "2", outputPerMtok: "2" }];

const gate = await testGateway({
  models: [
    {
      name: "claude",
      rates: { ...MICRODOLLAR_RATES, tiers: TIERS },
      contextWindow: WINDOW,
      providerType: "anthropic",
    },
    { name: "flat", rates: MICRODOLLAR_RATES, contextWindow: WINDOW, providerType: "anthropic" },
  ],
  maxBodyBytes: 4 * 1024 * 1024,
});
let read = 0;
let billed = 0;
let passed: unknown;
await billedBy(gate, (_, response) => {
  passed = response.req.headers["anthropic-beta"];
  billed += (read + OUTPUT) * (read > WINDOW ? 2e-6 : 1e-6);
  response.writeHead(200, { "content-type": "application/json" });
  response.end(
    JSON.stringify({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude",
      content: [{ type: "text", text: "ok" }],
      stop_reason: "end_turn",
      usage: { input_tokens: read, output_tokens: OUTPUT },
    }),
  );
});
await gate.sql`UPDATE providers SET base_url = (SELECT base_url FROM providers WHERE id = ${gate.seeded.ids.provider})`;
await gate.gateway.routing({ fresh: true });

const DOCUMENT = { type: "document", source: { type: "url", url: "https://files.example.com/a.pdf" } };
const send = (content: unknown, headers: Record<string, string> = {}, model = "claude") =>
  gate.post("messages", { model, max_tokens: OUTPUT, messages: [{ role: "user", content }] }, headers);

async function heldFor(headers: Record<string, string>, model = "claude"): Promise<number> {
  read = 100;
  await leaveBudget(gate, 100);
  const answer = await send([DOCUMENT], headers, model);
  expect(answer.status).toBe(200);
  return Number((await gate.rowOf(answer)).hold_usd);
}

test("with the beta of a long context, a document is held at all that the model may read", async () => {
  expect(await heldFor({})).toBeCloseTo((WINDOW + OUTPUT) * 1e-6, 6);
  expect(await heldFor(BETA)).toBeGreaterThanOrEqual((LONG + OUTPUT) * 2e-6);
  expect(passed).toContain("context-1m");
  expect(await heldFor({ "anthropic-beta": "CONTEXT-1M-2025-08-07" })).toBeGreaterThanOrEqual(LONG * 2e-6);
});

test("a model whose price has no tiers does not get it", async () => {
  expect(await heldFor(BETA, "flat")).toBeCloseTo((WINDOW + OUTPUT) * 1e-6, 6);
  expect(passed).not.toContain("context-1m");
});

test("four at once spend no more than a budget has", async () => {
  read = LONG;
  billed = 0;
  await leaveBudget(gate, "0.8");
  const rejected = await Promise.all(Array.from({ length: 4 }, () => send([DOCUMENT], BETA)));
  expect(rejected.map(({ status }) => status)).toEqual([429, 429, 429, 429]);
  const before = await spentUsd(gate);
  await leaveBudget(gate, "2.5");
  const answers = await Promise.all(Array.from({ length: 4 }, () => send([DOCUMENT], BETA)));
  const granted = answers.filter(({ ok }) => ok);
  expect(granted).toHaveLength(1);
  for (const answer of granted) expect(Number((await gate.rowOf(answer)).overrun_usd)).toBe(0);
  expect((await spentUsd(gate)) - before).toBeCloseTo(billed, 6);
  expect(billed).toBeLessThanOrEqual(2.5);
});

test("a text beyond the model's window is served with the beta, held by its tokens, and rejected without", async () => {
  const text = "the word is long ".repeat(80_000);
  read = 320_000;
  await leaveBudget(gate, 100);
  const without = await send(text);
  expect([without.status, (await without.json()).error.message]).toEqual([
    400,
    expect.stringContaining("prompt is too long"),
  ]);
  const answer = await send(text, BETA);
  expect(answer.status).toBe(200);
  const row = await gate.rowOf(answer);
  expect(Number(row.hold_usd)).toBeGreaterThanOrEqual(read * 2e-6);
  expect(Number(row.overrun_usd)).toBe(0);
});

test("a target that does not get the beta keeps the model's window for texts", async () => {
  await setTargets(gate, "flat", [{ upstreamModel: "claude" }]);
  const answer = await send("the word is long ".repeat(80_000), BETA, "flat");
  expect(answer.status).toBe(400);
});
