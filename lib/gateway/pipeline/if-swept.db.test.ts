import { beforeEach, describe, expect, test } from "vitest";
import { heartbeat } from "#lib/credit/ledger/instance";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { wav } from "#lib/dialects/media/testing/media-files";
import { progressOf } from "#lib/gateway/ports/in-flight";
import { answerWhole, billedBy, usageOf } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const free = { inputPerMtok: "0", outputPerMtok: "0" };
const gate = await testGateway({
  models: [
    { name: "reads", rates: { ...free, inputPerMtok: "1" }, contextWindow: 70_000 },
    { name: "hears", rates: { ...free, inputPerMtok: "1", inputAudioPerMtok: "10" }, contextWindow: 70_000 },
    { name: "writes", rates: { ...free, outputPerMtok: "100" } },
    { name: "gpt-4o-audio", rates: { ...free, inputAudioPerMtok: "1000" } },
    { name: "cheap", rates: { ...free, outputPerMtok: "1" } },
    {
      name: "caches",
      rates: { ...free, inputPerMtok: "100", cacheWritePerMtok: "125", cacheWrite1hPerMtok: "200" },
    },
  ],
});
/** A second, expensive target for the cheap model. */
await gate.sql`
  INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
  SELECT m.id, t.provider_id, 'writes', t.price_version_id, 1
  FROM models m, model_targets t WHERE m.name = 'cheap' AND t.upstream_model = 'writes'`;

/** What the provider bills for a request, and when it answers. */
let usage: (maxTokens: number) => object = () => ({});
let release: () => void = () => {};
let released: Promise<void>;
let asked = 0;
beforeEach(() => {
  asked = 0;
  released = new Promise((resolve) => {
    release = resolve;
  });
});
await billedBy(gate, async ({ model, max_tokens: maxTokens }, response) => {
  if (model === "cheap") return response.writeHead(503).end();
  asked += 1;
  await released;
  if (model === "caches")
    return response.end(JSON.stringify({ ...MESSAGE, usage: usage(Number(maxTokens)) }));
  answerWhole(response, "Well.", { ...usageOf(0, 0), ...usage(Number(maxTokens)) });
});
/** A proxy at an address of one's own, whose models another company serves. */
await gate.sql`
  UPDATE providers SET settings = ${gate.sql.json({ stops_on_disconnect: false, dialects: ["chat", "messages"] })}
  WHERE id = ${gate.seeded.ids.provider}`;

const document = { type: "file", file: { file_url: "https://files.example.com/report.pdf" } };
const recording = { type: "input_audio", input_audio: { data: wav(30, 8_000), format: "wav" } };
const said = (...content: object[]) => [{ role: "user", content }];
const text = { type: "text", text: "Go on." };
/** Runes, with letters in the 32 slices of 128 characters that the estimate of a long text reads. */
const unlikeItsParts = { type: "text", text: withSlices("ᚠ".repeat(12_000), "a".repeat(128), 32) };

function withSlices(text: string, slice: string, slices: number): string {
  const step = (text.length - slice.length) / (slices - 1);
  let made = text;
  for (let at = 0; at < slices; at++) {
    const from = Math.floor(at * step);
    made = made.slice(0, from) + slice + made.slice(from + slice.length);
  }
  return made;
}

/** 5 000 words of which each is three tokens in o200k; an estimate counts one or two. */
const consonants = Array.from({ length: 5_000 }, (_, at) =>
  [7, 11, 13, 17, 19].map((step) => "qxzjkvwbg"[((at + 1) * step) % 9]).join(""),
).join(" ");
const unlikeWords = { type: "text", text: consonants };

const writesAll = (output: number) => usageOf(10, output);

const MESSAGE = { type: "message", role: "assistant", content: [text], stop_reason: "end_turn" };
/** Marked as what is to be cached for so long. */
const kept = (ttl: string) => said({ ...text, cache_control: { type: "ephemeral", ttl } });
const writes = (counts: object) => () => ({
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 12,
  cache_creation: counts,
});

type Case = [string, { model: string; messages: object[]; leftUsd: string; usage: typeof usage }];
const CASES: Case[] = [
  [
    "a text that is dear between the parts that an estimate reads",
    { model: "reads", messages: said(unlikeItsParts), leftUsd: "0.1", usage: () => usageOf(25_000, 1) },
  ],
  [
    "words that are more tokens than words are",
    { model: "reads", messages: said(unlikeWords), leftUsd: "0.1", usage: () => usageOf(15_000, 1) },
  ],
  [
    "input that may all be sound",
    {
      model: "hears",
      messages: said(text, document),
      leftUsd: "1.2",
      usage: () => ({ ...usageOf(60_000, 1), prompt_tokens_details: { audio_tokens: 60_000 } }),
    },
  ],
  [
    "input that only a report can tell",
    { model: "reads", messages: said(text, document), leftUsd: "0.1", usage: () => usageOf(60_000, 1) },
  ],
  [
    "the output of a provider that goes on",
    { model: "writes", messages: said(text), leftUsd: "0.5", usage: writesAll },
  ],
  [
    "recordings at their price",
    {
      model: "gpt-4o-audio",
      messages: said(text, recording),
      leftUsd: "20",
      usage: () => ({ ...usageOf(301, 1), prompt_tokens_details: { audio_tokens: 301 } }),
    },
  ],
  [
    "what is written to a cache",
    { model: "caches", messages: kept("5m"), leftUsd: "1", usage: writes({ ephemeral_5m_input_tokens: 12 }) },
  ],
  [
    "what is written to a cache for an hour",
    { model: "caches", messages: kept("1h"), leftUsd: "1", usage: writes({ ephemeral_1h_input_tokens: 12 }) },
  ],
];

/**
 * Sends a request that is swept while its provider works, then another one, and has the provider answer both. Expects
 * that they spend something, but no more than is left.
 */
async function spendTwice(
  body: { model: string; messages: object[]; max_tokens: number },
  leftUsd: string,
  hasBeaten: boolean,
): Promise<void> {
  const { sql, gateway } = gate;
  await leaveBudget(gate, leftUsd);
  await gateway.routing({ fresh: true });
  const before = await spentUsd(gate);
  const path = body.model === "caches" ? "messages" : "chat/completions";
  const first = gate.post(path, body);
  await expect.poll(() => asked).toBe(1);
  if (hasBeaten) await heartbeat(sql, gateway.instance, progressOf(gateway.inFlight, 0));
  await sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true`;
  expect(await sweepExpiredHolds(sql)).toBe(1);
  const [swept] = await sql`SELECT cost_usd FROM ledger WHERE status = 'swept'`;
  // It was only frozen.
  await heartbeat(sql, gateway.instance);
  const second = gate.post(path, body);
  await Promise.race([second, expect.poll(() => asked).toBe(2)]);
  release();
  const row = await gate.rowOf(await first);
  expect(row).toMatchObject({ status: "settled", usage_source: "provider" });
  expect(Number(row.cost_usd)).toBeGreaterThan(0);
  expect(Number(swept?.cost_usd)).toBeGreaterThanOrEqual(Number(row.cost_usd));
  await (await second).text();
  await gateway.settler.idle();
  await expectBalancedBooks(gate);
  expect(microUsd((await spentUsd(gate)) - before)).toBeLessThanOrEqual(microUsd(Number(leftUsd)));
}

const microUsd = (usd: number) => Math.round(usd * 1e6);

describe("under a hard budget, a late settlement overspends nothing, since a sweep has charged", () => {
  test.each(CASES)("%s", async (_, { model, messages, leftUsd, ...bills }) => {
    usage = bills.usage;
    await spendTwice({ model, messages, max_tokens: 4_000 }, leftUsd, false);
  });

  test.each(CASES)("%s, after a heartbeat", async (_, { model, messages, leftUsd, ...bills }) => {
    usage = bills.usage;
    await spendTwice({ model, messages, max_tokens: 4_000 }, leftUsd, true);
  });

  test("the price of the target that has the request", async () => {
    usage = writesAll;
    await spendTwice({ model: "cheap", messages: said(text), max_tokens: 4_000 }, "0.5", true);
  });
});

test("without a budget, a sweep charges an estimate", async () => {
  usage = () => usageOf(60_000, 1);
  await leaveBudget(gate, null);
  const answer = gate.chat({ model: "reads", messages: said(text, document), max_tokens: 20 });
  await expect.poll(() => asked).toBe(1);
  const [row] = await gate.sql`SELECT input_tokens, if_swept_usd FROM ledger WHERE status = 'held'`;
  release();
  await (await answer).text();
  expect(Number(row?.input_tokens)).toBeLessThan(10_000);
  expect(Number(row?.if_swept_usd)).toBeLessThan(0.01);
});
