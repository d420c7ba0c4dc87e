import { randomBytes } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { beforeEach, describe, expect, test } from "vitest";
import { becomes } from "#lib/gateway/testing/move-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { CHAT_TOOLS, HELLO, turnInChat } from "#lib/gateway/testing/weather-turns";
import { connections } from "#lib/providers/testing/exchange-harness";
import { serveGoogleTokens, VERTEX } from "#lib/providers/testing/fake-vertex";
import { redirected } from "#lib/providers/testing/token-host";
import { CALLS, TEXT } from "#lib/translation/testing/gemini/answers";
import { fakeGemini } from "#lib/translation/testing/gemini/server";
import { SIGNATURES } from "#lib/translation/testing/gemini/strict";

const MODELS = `/v1/projects/${VERTEX.project}/locations/${VERTEX.location}/publishers/google/models`;
const encryptionKey = randomBytes(32).toString("base64");
const upstream = await fakeGemini(() => ({ chunks: TEXT }), MODELS);
const gate = await testGateway({
  models: [
    {
      name: "gem",
      upstreamModel: "gemini-3-flash-preview",
      rates: MICRODOLLAR_RATES,
      contextWindow: 100_000,
    },
  ],
  encryptionKey,
});
let google: Awaited<ReturnType<typeof serveGoogleTokens>>;

beforeEach(async () => {
  upstream.answer = () => ({ chunks: TEXT });
  google = await serveGoogleTokens();
  const credentials = { service_account: google.account };
  const over = redirected(connections(), "https://oauth2.googleapis.com", google.tokens.url);
  await becomes(
    gate,
    encryptionKey,
    { type: "vertex", baseUrl: upstream.url, credentials, settings: VERTEX },
    over,
  );
});

const messages = [HELLO];

describe("Gemini on Vertex AI", () => {
  test("answers OpenAI's client below the project and location, with a token of the service account", async () => {
    const client = new OpenAI({ baseURL: gate.url, apiKey: gate.seeded.apiKey, maxRetries: 0 });
    const { data, response } = await client.chat.completions
      .create({ model: "gem", messages })
      .withResponse();
    expect(data.choices[0]).toMatchObject({ message: { content: "Good morning." }, finish_reason: "stop" });
    expect(await gate.rowOf(response)).toMatchObject({ status: "settled", cost_usd: "0.000848000000" });
    const sent = upstream.requests.at(-1);
    expect(sent?.path).toBe(`${MODELS}/gemini-3-flash-preview:generateContent`);
    expect(google.isIssued(sent?.headers.authorization)).toBe(true);
    expect(sent?.headers["x-goog-api-key"]).toBeUndefined();
  });

  test("streams parallel calls, and gets its signature back with their results", async () => {
    upstream.answer = (_, { contents }) => ({
      chunks: Array.isArray(contents) && contents.length > 1 ? TEXT : CALLS.map(withoutIds),
    });
    const client = new OpenAI({ baseURL: gate.url, apiKey: gate.seeded.apiKey, maxRetries: 0 });
    const first = await client.chat.completions
      .stream({ model: "gem", messages, tools: CHAT_TOOLS })
      .finalChatCompletion();
    const turn = turnInChat(first);
    expect(turn).toHaveLength(3);
    await client.chat.completions.create({
      model: "gem",
      tools: CHAT_TOOLS,
      messages: [HELLO, ...turn],
    });
    const { path, body } = upstream.requests.at(-1) ?? { path: "", body: {} };
    expect(upstream.requests.at(-2)?.path).toBe(
      `${MODELS}/gemini-3-flash-preview:streamGenerateContent?alt=sse`,
    );
    expect(path).toContain(":generateContent");
    expect(JSON.stringify(body)).toContain(`"thoughtSignature":"${SIGNATURES[0]}"`);
  });

  test("answers Anthropic's client, and is bound by a hard budget", async () => {
    const baseURL = gate.url.replace(/\/v1$/, "");
    const client = new Anthropic({ baseURL, apiKey: gate.seeded.apiKey, maxRetries: 0 });
    await leaveBudget(gate, "0.001");
    const { content } = await client.messages
      .stream({ model: "gem", max_tokens: 5_000, messages })
      .finalMessage();
    expect(content).toMatchObject([{ type: "text", text: "Good morning." }]);
    const { generationConfig } = upstream.requests.at(-1)?.body ?? {};
    const bound = Number(Reflect.get(Object(generationConfig), "maxOutputTokens"));
    expect(bound).toBeGreaterThan(100);
    expect(bound).toBeLessThan(1_000);
    await leaveBudget(gate, "0");
    expect((await gate.chat({ model: "gem", messages })).status).toBe(429);
    await leaveBudget(gate, null);
  });
});

/** Models before 3.5 have no ids. */
const withoutIds = (chunk: object): { [name: string]: unknown } =>
  JSON.parse(JSON.stringify(chunk).replace(/"id":"fc-\w+",/g, ""));
