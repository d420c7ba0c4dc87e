import { beforeEach, expect, test } from "vitest";
import { answerWhole, billedAtHosts, usageOf } from "#lib/gateway/testing/billing-provider";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES, spentUsd } from "#lib/gateway/testing/user-budget";

const MODEL = "smart";
const LEAST_WINDOW = 128_000;
/** Of gpt-4.1. */
const LARGE_WINDOW = 1_047_576;
const OUTPUT = 16;

const gate = await testGateway({
  models: [{ name: MODEL, rates: MICRODOLLAR_RATES, contextWindow: LEAST_WINDOW }],
});
/** What the provider reads of a document. */
let read = 0;
let billed = 0;
const setHost = await billedAtHosts(gate, (_, response) => {
  billed += (read + OUTPUT) * 1e-6;
  answerWhole(response, "Well.", usageOf(read, OUTPUT));
});
await setHost("https://api.openai.com/v1");

const pdf = `data:application/pdf;base64,${Buffer.from("%PDF-1.7\n".repeat(20)).toString("base64")}`;
const send = () =>
  gate.chat({
    model: MODEL,
    max_tokens: OUTPUT,
    messages: [{ role: "user", content: [{ type: "file", file: { filename: "a.pdf", file_data: pdf } }] }],
  });

const setModelWindow = async (tokens: number | null) => {
  await gate.sql`UPDATE models SET context_window = ${tokens}`;
  await gate.gateway.routing({ fresh: true });
};

beforeEach(async () => {
  read = LARGE_WINDOW;
  billed = 0;
  await gate.sql`DELETE FROM imported_prices`;
  await setModelWindow(LEAST_WINDOW);
});

/** The tokens of input that are held for a document. */
async function heldInput(): Promise<number> {
  await leaveBudget(gate, 100);
  const answer = await send();
  expect(answer.status).toBe(200);
  const row = await gate.rowOf(answer);
  return Math.round(row.hold_usd * 1e6) - OUTPUT;
}

const setWindows = (...targets: { upstreamModel: string; contextWindow?: number }[]) =>
  setTargets(gate, MODEL, targets);

const faultOf = async (answer: Response) => ({ status: answer.status, ...(await answer.json()).error });

test("a document is held at the window of the target that reads most, so that no budget is overspent by fail-over", async () => {
  await setWindows({ upstreamModel: "gpt-4.1" }, { upstreamModel: "gpt-4o" });
  await leaveBudget(gate, "0.5");
  const rejected = await Promise.all([send(), send(), send(), send()]);
  expect(rejected.map(({ status }) => status)).toEqual([429, 429, 429, 429]);
  expect(billed).toBe(0);

  await leaveBudget(gate, "2.3");
  const before = await spentUsd(gate);
  const answers = await Promise.all([send(), send(), send(), send()]);
  const rows = await Promise.all(answers.filter(({ ok }) => ok).map((answer) => gate.rowOf(answer)));
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(Number(row.overrun_usd)).toBe(0);
  expect(billed).toBeLessThanOrEqual(2.3);
  expect((await spentUsd(gate)) - before).toBeCloseTo(billed, 6);
});

test.each([
  ["the first", ["gpt-4.1", "gpt-4o"]],
  ["the last", ["gpt-4o", "gpt-4.1"]],
])("%s target may be the one that reads most", async (_, names) => {
  await setWindows(...names.map((upstreamModel) => ({ upstreamModel })));
  expect(await heldInput()).toBeGreaterThanOrEqual(LARGE_WINDOW);
});

test("a window that is set for the model does not lower what is held, but may raise it", async () => {
  await setWindows({ upstreamModel: "gpt-4.1" });
  await setModelWindow(32_000);
  expect(await heldInput()).toBeGreaterThanOrEqual(LARGE_WINDOW);
  await setModelWindow(3_000_001);
  expect(await heldInput()).toBe(3_000_001);
});

test("an imported catalogue's window counts where it is greater", async () => {
  await setWindows({ upstreamModel: "gpt-4.1" }, { upstreamModel: "newest" });
  await gate.sql`
    INSERT INTO imported_prices (model, price_version_id, context_window)
    SELECT 'newest', price_version_id, 5000001 FROM model_targets LIMIT 1`;
  await gate.gateway.routing({ fresh: true });
  expect(await heldInput()).toBe(5_000_001);
});

test("a target that no catalogue knows, beside one with a window, takes no document under a hard budget until its own is stated", async () => {
  await setWindows({ upstreamModel: "gpt-4o" }, { upstreamModel: "our-own" });
  await leaveBudget(gate, 100);
  const fault = await faultOf(await send());
  expect(fault).toMatchObject({
    status: 400,
    code: "invalid_request",
    param: "messages[0].content[0].file.file_data",
  });
  expect(fault.message).toContain("ask an administrator to set the target's context_window");
  await leaveBudget(gate, null);
  expect((await send()).status).toBe(200);
  await setWindows({ upstreamModel: "gpt-4o" }, { upstreamModel: "our-own", contextWindow: 2_000_000 });
  expect(await heldInput()).toBe(2_000_000);
});

test("alone, such a target is held at the model's window, which an administrator has stated, and a stated one at its own", async () => {
  read = 128_000;
  await setWindows({ upstreamModel: "our-own" });
  expect(await heldInput()).toBe(128_000);
  await setWindows({ upstreamModel: "gpt-4.1", contextWindow: 200_000 });
  expect(await heldInput()).toBe(200_000);
});

test.each([
  ["openai", "https://api.openai.com/v1", "gpt-4.1", 1_047_576],
  ["Google", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini-3-flash-preview", 1_048_576],
])(
  "a document that fills the window of %s's model costs no more than is held",
  async (_, host, upstreamModel, window) => {
    await setHost(host);
    await setWindows({ upstreamModel });
    read = window;
    await leaveBudget(gate, 100);
    const answer = await send();
    expect(answer.status).toBe(200);
    expect(Number((await gate.rowOf(answer)).overrun_usd)).toBe(0);
  },
);
