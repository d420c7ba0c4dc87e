import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { estimateTextTokens } from "#lib/dialects/text/estimate-tokens";
import { progressOf } from "#lib/gateway/ports/in-flight";
import { countTokens } from "#lib/gateway/sizing/count-tokens";
import { billedBy, chunk } from "#lib/gateway/testing/billing-provider";
import { CLIENT_GONE, testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const gate = await testGateway({
  models: [
    "gpt-5-mini",
    "gpt-5.3-codex-spark",
    "cerebras/gpt-oss-120b",
    "accounts/fireworks/models/glm-5p2-fast",
    "o3",
    "claude-3-haiku-20240307",
    "meta-llama/Llama-3.3-70B-Instruct",
    "gpt-4-turbo",
    "gpt-4o",
  ].map((upstreamModel) => ({ name: upstreamModel, rates: { inputPerMtok: "3", outputPerMtok: "15" } })),
});
const messages = [{ role: "user", content: "x" }];
const parameters = { type: "object", properties: { lines_of_text: { type: "string" } } };
const tools = [{ type: "function", function: { name: "make_file", parameters } }];

/** What the provider generates, shown or not, until the connection is closed. */
let pace = 100;
/** Tokens of a character of `rareText`. */
const TOKENS_OF_RARE = 3;
let isCall = false;
let shown = "Well.";
/** Characters that it shows as it generates them, each of three tokens. */
let rareText = "";
/** How long the provider takes to notice that the connection is closed. */
let noticesAfterMs = 0;
let billedTokens = 0;

/** Shows a word, or that there will be a call, and nothing of what it generates after that. */
function answer({ max_tokens: bound }: { max_tokens?: unknown }, response: ServerResponse): void {
  const startedMs = performance.now();
  let rareShown = 0;
  const showing = setInterval(() => {
    const generated = ((performance.now() - startedMs) / 1000) * pace;
    while (rareShown < Math.min(rareText.length, generated / TOKENS_OF_RARE)) {
      response.write(chunk({ content: rareText.charAt(rareShown) }));
      rareShown += 1;
    }
  }, 10);
  response.on("close", () => {
    clearInterval(showing);
    const generated = ((performance.now() - startedMs + noticesAfterMs) / 1000) * pace;
    billedTokens = Math.min(Number(bound), generated);
  });
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(chunk({ content: shown }));
  if (isCall) {
    const named = { index: 0, id: "c1", type: "function", function: { name: "make_file", arguments: "" } };
    response.write(chunk({ tool_calls: [named] }));
  }
}
await billedBy(gate, answer);
// As api.openai.com and api.anthropic.com do.
await gate.sql`
  UPDATE providers SET settings = ${gate.sql.json({ stops_on_disconnect: true })}
  WHERE id = ${gate.seeded.ids.provider}`;

async function hangUp(model: string, afterMs: number, fields: object = {}) {
  await gate.gateway.routing({ fresh: true });
  const gone = new AbortController();
  const body = { model, messages, stream: true, max_tokens: 20_000, ...fields };
  const response = await gate.chat(body, { signal: gone.signal });
  await response.body?.getReader().read();
  await sleep(afterMs);
  const [progress] = progressOf(gate.gateway.inFlight, 0);
  gone.abort();
  const row = await gate.settledRow(response.headers.get("x-request-id"));
  expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated", overrun_usd: "0.000000000000" });
  await expect.poll(() => billedTokens).toBeGreaterThan(0);
  return {
    input: Number(row.input_tokens),
    tokens: Number(row.output_tokens),
    ifSwept: progress?.ifSweptOutputTokens ?? 0,
  };
}

beforeEach(async () => {
  billedTokens = 0;
  pace = 100;
  isCall = false;
  shown = "Well.";
  rareText = "";
  noticesAfterMs = 0;
  await leaveBudget(gate, 10);
});

/** The two processes' clocks differ by what a busy machine takes. */
const NEARLY = 0.95;

describe("a fast model whose pace was not observed yet", () => {
  test.each([
    ["gpt-5-mini", 250],
    ["gpt-5.3-codex-spark", 1_200],
    ["cerebras/gpt-oss-120b", 2_400],
    ["o3", 135],
  ])(
    "%s is charged what it generated under a hard budget (%i tokens a second)",
    async (model, tokensPerSecond) => {
      pace = tokensPerSecond;
      const { tokens, ifSwept } = await hangUp(model, 1_000);
      expect(tokens).toBeGreaterThanOrEqual(billedTokens);
      expect(tokens).toBeLessThan(billedTokens * 2);
      expect(ifSwept).toBeGreaterThanOrEqual(billedTokens);
    },
  );

  test.each([
    ["accounts/fireworks/models/glm-5p2-fast", 1_000],
    ["o3", 135],
  ])("%s is charged a second's worth, however early a client leaves", async (model, tokensPerSecond) => {
    pace = tokensPerSecond;
    noticesAfterMs = 700;
    const { tokens } = await hangUp(model, 0);
    expect(tokens).toBeGreaterThanOrEqual(billedTokens);
  });

  test("is charged at 100 tokens a second without one", async () => {
    await leaveBudget(gate, null);
    const { tokens } = await hangUp("gpt-5-mini", 1_000);
    expect(tokens).toBeGreaterThanOrEqual(100);
    expect(tokens).toBeLessThan(billedTokens * 2);
  });

  test("is charged no more than its bound", async () => {
    expect((await hangUp("cerebras/gpt-oss-120b", 500, { max_tokens: 300 })).tokens).toBe(300);
  });
});

describe("a call that the provider holds back, of a model that shows all", () => {
  const model = "claude-3-haiku-20240307";

  test.each([{ tools }, { response_format: { type: "json_object" } }])(
    "is charged by the silence under a hard budget: %j",
    async (fields) => {
      isCall = true;
      pace = 130;
      const { tokens, ifSwept } = await hangUp(model, 2_500, fields);
      expect(tokens).toBeGreaterThan(NEARLY * billedTokens);
      expect(tokens).toBeLessThan(billedTokens * 2);
      expect(ifSwept).toBeGreaterThan(NEARLY * billedTokens);
    },
  );

  test("is charged as what was seen and a second's worth without one", async () => {
    await leaveBudget(gate, null);
    isCall = true;
    expect((await hangUp(model, 1_500, { tools })).tokens).toBeLessThan(120);
  });

  test("what was shown is charged by what its characters are, which may be three tokens each", async () => {
    shown = "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠ".repeat(200);
    const { tokens } = await hangUp(model, 0);
    expect(tokens).toBeGreaterThan(0.8 * Buffer.byteLength(shown));
    // As much again may have been on its way.
    expect(tokens).toBeLessThan(2.2 * Buffer.byteLength(shown));
  });

  test("so are characters that came one by one, under a hard budget", async () => {
    rareText = "ଅଆଇଈଉଊଋଏଐଓଔକଖଗଘଙ".repeat(20);
    const { tokens, ifSwept } = await hangUp("gpt-4-turbo", 2_000);
    expect(tokens).toBeGreaterThan(billedTokens);
    expect(tokens).toBeLessThan(billedTokens * 2);
    expect(ifSwept).toBeGreaterThan(billedTokens);
  });

  test("characters that came one by one are a token each without one", async () => {
    await leaveBudget(gate, null);
    rareText = "嶕".repeat(300);
    const { tokens } = await hangUp("gpt-4o", 1_000);
    expect(tokens).toBeLessThanOrEqual(billedTokens / TOKENS_OF_RARE + 110);
  });

  test("so is a silence without tools", async () => {
    expect((await hangUp(model, 1_500)).tokens).toBeLessThan(230);
  });
});

describe("what a body keeps out of a stream, of a model that shows all", () => {
  const model = "meta-llama/Llama-3.3-70B-Instruct";
  const stop = ["The end.", "x".repeat(10_000)];

  test.each([
    ["a long text that ends it", { stop }],
    ["the same in settings", { extra_body: { stop } }],
    ["going on after its end", { ignore_eos: true }],
    ["a least number of tokens", { min_tokens: 5_000 }],
    ["control tokens", { logit_bias: { "128009": 100 } }],
  ])("is charged by the clock under a hard budget: %s", async (_, fields) => {
    pace = 98;
    const { tokens, ifSwept } = await hangUp(model, 1_700, fields);
    expect(tokens).toBeGreaterThan(NEARLY * billedTokens);
    expect(tokens).toBeLessThan(billedTokens * 2);
    expect(ifSwept).toBeGreaterThan(NEARLY * billedTokens);
  });

  test.each([{ stop: ["\n\n", "User:"] }, { ignore_eos: false, logit_bias: {}, min_tokens: 0 }])(
    "is little with ordinary settings: %j",
    async (fields) => {
      expect((await hangUp(model, 1_500, fields)).tokens).toBeLessThan(120);
    },
  );

  test("is charged as what was seen and a second's worth without one", async () => {
    await leaveBudget(gate, null);
    expect((await hangUp(model, 1_500, { stop })).tokens).toBeLessThan(120);
  });
});

describe("the input of a stream whose client hangs up", () => {
  /** Texts of which older vocabularies have few words; what cl100k_base counts. */
  const GEORGIAN = { text: "ქართული ენა არის ლამაზი და ძველი ენა საქართველოში ".repeat(40), tokens: 3_680 };
  const TELUGU = {
    text: "తెలుగు భాష చాలా అందమైన భాష మరియు ఇది భారతదేశంలో మాట్లాడబడుతుంది ".repeat(40),
    tokens: 4_400,
  };

  test.each([
    ["gpt-4-turbo", GEORGIAN],
    ["gpt-4-turbo", TELUGU],
    ["meta-llama/Llama-3.3-70B-Instruct", GEORGIAN],
    ["meta-llama/Llama-3.3-70B-Instruct", TELUGU],
  ])("is charged as %s counts it under a hard budget", async (model, { text, tokens }) => {
    const { input } = await hangUp(model, 0, { messages: [{ role: "user", content: text }] });
    expect(input).toBeGreaterThan(0.98 * tokens);
    expect(input).toBeLessThan(1.5 * tokens);
  });

  test("is charged what is counted, where the estimate is more than half of it", async () => {
    // Of its words, each of which is estimated as one token, one is three.
    const content = "plumbago the one ".repeat(1_000);
    const { input } = await hangUp("gpt-4o", 0, { messages: [{ role: "user", content }] });
    const counted = await countTokens([content]);
    expect(estimateTextTokens(content)).toBeLessThan(0.8 * counted);
    expect(estimateTextTokens(content)).toBeGreaterThan(0.55 * counted);
    expect(input).toBeGreaterThan(0.98 * counted);
    expect(input).toBeLessThan(1.1 * counted);
  });
});

testBalancedBooks(gate);
