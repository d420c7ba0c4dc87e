import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answerWhole, billedAtHosts, usageOf } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const rates = { inputPerMtok: "0.05", outputPerMtok: "0.25" };
const UNREAD = [
  "meta-llama/llama-3.3-70b-instruct",
  "openrouter/auto",
  "openai/gpt-4o-search-preview",
  "openai/gpt-oss-120b",
  "anthropic/claude-3-haiku",
  "qwen/qwen3-max",
];
const READ = [
  "anthropic/claude-sonnet-4.5",
  "anthropic/claude-3.5-sonnet",
  "google/gemini-2.5-flash",
  "openai/gpt-4o-mini",
  "openai/gpt-4.1",
  "openai/gpt-5",
];
const OF_XAI = ["grok-4.3", "xai/latest", "openrouter/x-ai/grok-4"];
const OF_MISTRAL = ["mistral-small-latest", "our-own", "mistral/mistral-large-2512", "magistral-medium-2509"];
const gate = await testGateway({
  models: [...UNREAD, ...READ, ...OF_XAI, ...OF_MISTRAL].map((name) => ({
    name,
    upstreamModel: name,
    // A file by URL may be a recording, for which the price of a model that hears needs a rate.
    rates: name.includes("gemini") ? { ...rates, inputAudioPerMtok: "1" } : rates,
    contextWindow: 131_072,
  })),
});
let asked = 0;
const atHost = await billedAtHosts(gate, (_, response) => {
  asked += 1;
  answerWhole(response, "ok", usageOf(100, 3));
});

const file = (file_data: string) => ({ type: "file", file: { filename: "a.pdf", file_data } });
const BY_URL = file("https://a.example/blank-1000-pages.pdf");
const BY_DATA = file(`data:application/pdf;base64,${Buffer.from("%PDF-1.7\n").toString("base64")}`);
const AS_TEXT = {
  type: "file",
  file: {
    filename: "report.txt",
    file_data: `data:text/plain;base64,${Buffer.from("Sales.").toString("base64")}`,
  },
};

async function ask(model: string, part: object) {
  const messages = [{ role: "user", content: [{ type: "text", text: "x" }, part] }];
  const response = await gate.chat({ model, messages, max_tokens: 16 });
  return { status: response.status, body: await response.json() };
}

beforeAll(() => atHost("https://openrouter.ai/api/v1"));
beforeEach(async () => {
  asked = 0;
  await leaveBudget(gate, 1);
});

describe("at OpenRouter under a hard budget", () => {
  test.each(UNREAD.flatMap((model) => [BY_URL, BY_DATA].map((part) => [model, part] as const)))(
    "a document for %s is rejected, since it is read for a fee by the page: %j",
    async (model, part) => {
      const before = await spentUsd(gate);
      const { status, body } = await ask(model, part);
      expect([status, body.error.code]).toEqual([400, "invalid_request"]);
      expect(body.error.param).toMatch(/^messages\[0\]\.content\[1\]/);
      expect(body.error.message).toContain("billed apart from the tokens");
      expect(asked).toBe(0);
      expect(await spentUsd(gate)).toBe(before);
    },
  );

  test.each(READ)("%s reads it", async (model) => {
    expect((await ask(model, BY_URL)).status).toBe(200);
    expect(asked).toBe(1);
  });

  test("texts and pictures reach all models", async () => {
    const picture = { type: "image_url", image_url: { url: "https://a.example/a.png" } };
    for (const part of [{ type: "text", text: "y" }, picture])
      expect((await ask("meta-llama/llama-3.3-70b-instruct", part)).status).toBe(200);
  });
});

test("without a hard budget, the document reaches OpenRouter", async () => {
  await leaveBudget(gate, null);
  expect((await ask("meta-llama/llama-3.3-70b-instruct", BY_URL)).status).toBe(200);
});

test.each([
  ["https://api.x.ai/v1", "grok-4.3"],
  ["https://eu-west-1.api.x.ai/v1", "openai/gpt-5"],
  ["https://proxy.example.com/v1", "grok-4.3"],
  ["https://proxy.example.com/v1", "xai/latest"],
  ["https://proxy.example.com/v1", "openrouter/x-ai/grok-4"],
])(
  "a document is rejected under a hard budget where xAI searches it for a fee: %s, %s",
  async (host, model) => {
    await atHost(host);
    for (const part of [BY_URL, AS_TEXT]) {
      const { status, body } = await ask(model, part);
      expect([status, body.error.code]).toEqual([400, "invalid_request"]);
    }
    expect((await ask(model, { type: "text", text: "y" })).status).toBe(200);
    await leaveBudget(gate, null);
    expect((await ask(model, BY_URL)).status).toBe(200);
  },
);

const BY_DOCUMENT_URL = { type: "document_url", document_url: "https://a.example/a.pdf" };
const UNKNOWN = { type: "scan", scan: "https://a.example/a.pdf" };
const IN_PICTURE = {
  type: "image_url",
  image_url: { url: `data:image/png;base64,${BY_DATA.file.file_data.split(",")[1]}` },
};
const IN_DOCUMENT_URL = { type: "document_url", document_url: { url: BY_DATA.file.file_data } };

test.each([
  ["https://api.mistral.ai/v1", "mistral-small-latest"],
  ["https://api.mistral.ai/v1", "our-own"],
  ["https://proxy.example.com/v1", "mistral/mistral-large-2512"],
  ["https://proxy.example.com/v1", "magistral-medium-2509"],
  ["https://gateway.ai.cloudflare.com/v1/a/b/compat", "mistral/mistral-large-2512"],
])(
  "a document is rejected under a hard budget where Mistral's OCR may read it for a fee: %s, %s",
  async (host, model) => {
    await atHost(host);
    for (const part of [BY_URL, BY_DATA, AS_TEXT, BY_DOCUMENT_URL, IN_DOCUMENT_URL, UNKNOWN, IN_PICTURE]) {
      const { status, body } = await ask(model, part);
      expect([status, body.error.code]).toEqual([400, "invalid_request"]);
      expect(body.error.message).toContain("billed apart from the tokens");
    }
    expect(asked).toBe(0);
    const picture = { type: "image_url", image_url: { url: "https://a.example/a.png" } };
    for (const part of [{ type: "text", text: "y" }, picture])
      expect((await ask(model, part)).status).toBe(200);
    await leaveBudget(gate, null);
    expect((await ask(model, BY_DOCUMENT_URL)).status).toBe(200);
  },
);

test("a cloud that serves Mistral's models reads documents itself", async () => {
  await atHost("https://us-central1-aiplatform.googleapis.com/v1");
  expect((await ask("magistral-medium-2509", BY_URL)).status).toBe(200);
});

test("a document for a model that a proxy sends to OpenRouter is rejected", async () => {
  await atHost("https://proxy.example.com/v1");
  expect((await ask("openrouter/auto", BY_URL)).status).toBe(400);
  expect((await ask("meta-llama/llama-3.3-70b-instruct", BY_URL)).status).toBe(200);
});

test("the books balance", async () => {
  await gate.gateway.settler.idle();
  await expectBalancedBooks(gate);
});
