import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { hangUpAt } from "#lib/gateway/testing/hang-up";
import { CLIENT_GONE, testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { becomes } from "#lib/gateway/testing/move-provider";
import { restoreTimeouts, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { connections } from "#lib/providers/testing/exchange-harness";
import { serveGoogleTokens, VERTEX } from "#lib/providers/testing/fake-vertex";
import { redirected } from "#lib/providers/testing/token-host";
import { serverOfFile } from "#lib/testing/server-of-file";

const BOUND = 400;
const INPUT = 10;
const PIECES = 10;
const rates = { inputPerMtok: "1", outputPerMtok: "10" };
const MODELS = ["gemini-3-flash-preview", "gemini-2.5-pro", "claude-sonnet-4-5@20250929"];
const encryptionKey = randomBytes(32).toString("base64");
const gate = await testGateway({
  models: MODELS.map((upstreamModel) => ({
    name: upstreamModel,
    upstreamModel,
    rates,
    contextWindow: 100_000,
  })),
  encryptionKey,
});

/** How long Google takes for an answer, which it generates whether anyone reads it or not. */
let answerMs = 200;
let closed = 0;

const event = (name: string | null, payload: object) =>
  `${name === null ? "" : `event: ${name}\n`}data: ${JSON.stringify(payload)}\n\n`;
const typed = (payload: { type: string } & JsonObject) => event(payload.type, payload);

/** A part of the answer is hidden: thoughts, which the usage counts. */
const GEMINI = {
  begin: "",
  piece: (text: string) =>
    event(null, {
      candidates: [{ content: { role: "model", parts: [{ text }] } }],
      usageMetadata: { promptTokenCount: INPUT, totalTokenCount: INPUT },
    }),
  end: event(null, {
    candidates: [{ content: { role: "model", parts: [] }, finishReason: "MAX_TOKENS" }],
    usageMetadata: {
      promptTokenCount: INPUT,
      candidatesTokenCount: 100,
      thoughtsTokenCount: BOUND - 100,
      totalTokenCount: INPUT + BOUND,
    },
  }),
};
const CLAUDE = {
  begin:
    typed({
      type: "message_start",
      message: { content: [], usage: { input_tokens: INPUT, output_tokens: 1 } },
    }) + typed({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
  piece: (text: string) =>
    typed({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
  end:
    typed({ type: "content_block_stop", index: 0 }) +
    typed({ type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: BOUND } }) +
    typed({ type: "message_stop" }),
};

async function stream({ begin, piece, end }: typeof GEMINI, response: ServerResponse): Promise<void> {
  response.on("close", () => {
    if (!response.writableFinished) closed += 1;
  });
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(begin);
  for (let at = 0; at < PIECES && !response.destroyed; at++) {
    response.write(piece("word "));
    await sleep(answerMs / PIECES);
  }
  if (!response.destroyed) response.end(end);
}

const origin = await serverOfFile(async (incoming, outgoing) => {
  await json(incoming);
  await stream(incoming.url?.includes("/anthropic/") ? CLAUDE : GEMINI, outgoing);
});

restoreTimeouts(gate);
beforeEach(async () => {
  answerMs = 200;
  closed = 0;
  const google = await serveGoogleTokens();
  await becomes(
    gate,
    encryptionKey,
    { type: "vertex", baseUrl: null, credentials: { service_account: google.account }, settings: VERTEX },
    redirected(connections(), "https://oauth2.googleapis.com", google.tokens.url),
  );
  // The server above answers at Google's own address, where a closed connection stops nothing.
  const { exchange } = gate.gateway;
  gate.gateway.exchange = (call) => exchange({ ...call, target: { ...call.target, baseUrl: origin } });
});

async function hangUp(model: string) {
  const body = { model, stream: true, max_tokens: BOUND, messages: [{ role: "user", content: "Hi" }] };
  const response = await gate.chat(body);
  expect(response.status).toBe(200);
  await hangUpAt("word", response);
  return gate.settledRow(response.headers.get("x-request-id"));
}

const BILLED = { output_tokens: String(BOUND), overrun_usd: "0.000000000000" };

describe.each(MODELS)("a client that hangs up on a stream of %s at Vertex AI", (model) => {
  test("pays for what Google goes on to generate, by its report", async () => {
    await leaveBudget(gate, "1");
    expect(await hangUp(model)).toMatchObject({
      ...CLIENT_GONE,
      ...BILLED,
      input_tokens: String(INPUT),
      usage_source: "provider",
    });
    expect(closed).toBe(0);
  });

  test("pays for the whole bound if that report takes too long", async () => {
    await leaveBudget(gate, "1");
    answerMs = 2_000;
    gate.gateway.readOnMs = 50;
    expect(await hangUp(model)).toMatchObject({ ...CLIENT_GONE, ...BILLED, usage_source: "estimated" });
    await expect.poll(() => closed).toBe(1);
  });

  test("pays for an estimate without a budget, and is not read on", async () => {
    await leaveBudget(gate, null);
    answerMs = 2_000;
    const row = await hangUp(model);
    expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    expect(Number(row.output_tokens)).toBeLessThanOrEqual(BOUND);
    await expect.poll(() => closed).toBe(1);
  });
});

testBalancedBooks(gate);
