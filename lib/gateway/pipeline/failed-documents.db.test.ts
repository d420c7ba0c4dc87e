import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { billedAtHosts } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const INPUT_USD = 2.5e-6;
/** What the provider reads of the document, of which the request does not say how much it holds. */
const READ_TOKENS = 107_000;
const gate = await testGateway({
  models: [
    {
      name: "m",
      upstreamModel: "gpt-4o",
      rates: { inputPerMtok: "2.5", outputPerMtok: "10" },
      contextWindow: 128_000,
    },
  ],
});
await gate.sql`
  UPDATE providers SET settings = ${gate.sql.json({ dialects: ["chat", "responses"] })}
  WHERE id = ${gate.seeded.ids.provider}`;

let billedUsd = 0;
let answer: (response: ServerResponse) => unknown = () => {};
const atHost = await billedAtHosts(gate, (_, response) => {
  billedUsd += READ_TOKENS * INPUT_USD;
  return answer(response);
});

const file_data = `data:application/pdf;base64,${Buffer.from("%PDF-1.7 compressed").toString("base64")}`;
const chat = {
  model: "m",
  max_tokens: 16,
  messages: [{ role: "user", content: [{ type: "file", file: { filename: "a.pdf", file_data } }] }],
};
const TOKENS = 1_500;
const responses = {
  model: "m",
  stream: true,
  max_output_tokens: TOKENS,
  include: ["message.output_text.logprobs"],
  top_logprobs: 20,
  input: [{ role: "user", content: [{ type: "input_file", filename: "a.pdf", file_data }] }],
};

const event = (type: string, data: object) =>
  `event: response.${type}\ndata: ${JSON.stringify({ type: `response.${type}`, ...data })}\n\n`;
const PLACE = { item_id: "msg_1", output_index: 0, content_index: 0 };
const likely = (token: string) => ({ token, logprob: -12.3456789012, bytes: [...Buffer.from(token)] });
const logprobs = Array.from({ length: TOKENS }, () => ({
  ...likely(" the"),
  top_logprobs: Array.from({ length: 20 }, () => likely(" word")),
}));
const usage = { input_tokens: READ_TOKENS, output_tokens: TOKENS, total_tokens: READ_TOKENS + TOKENS };
const delta = event("output_text.delta", { ...PLACE, delta: " the", logprobs: logprobs.slice(0, 1) });
const text = " the".repeat(TOKENS);

const INVALID = {
  message: "Failed to create completion as the model generated invalid Unicode output.",
  code: null,
  type: null,
  param: null,
};

/** Sends it until a budget of so much rejects it; returns what the provider has billed, and the last answers. */
async function spendAll(path: string, body: object, budgetUsd: number) {
  await leaveBudget(gate, budgetUsd);
  const before = await spentUsd(gate);
  billedUsd = 0;
  const answers: string[] = [];
  for (let sent = 0; sent < 20; sent++) {
    const response = await gate.post(path, body);
    if (response.status === 429) break;
    answers.push(await response.text());
    await gate.settledRow(response.headers.get("x-request-id"));
  }
  await gate.gateway.settler.idle();
  await expectBalancedBooks(gate);
  return { answers, spentUsd: (await spentUsd(gate)) - before };
}

type Failing = { host: string; path: string; body: object; fails: (response: ServerResponse) => unknown };

test.each<[string, Failing]>([
  [
    "Azure's error of what the model has generated",
    {
      host: "https://mine.openai.azure.com/openai/v1",
      path: "chat/completions",
      body: chat,
      fails: (response) =>
        response
          .writeHead(500, { "content-type": "application/json" })
          .end(JSON.stringify({ error: INVALID })),
    },
  ],
  [
    "a proxy's time-out",
    {
      host: "https://api.some-host.ai/v1",
      path: "chat/completions",
      body: chat,
      fails: (response) =>
        response.writeHead(524, { "content-type": "text/html" }).end("<html><title>524</title></html>"),
    },
  ],
  [
    "a stream that breaks after content",
    {
      host: "https://api.openai.com/v1",
      path: "responses",
      body: responses,
      fails: (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(delta);
        setTimeout(() => response.destroy(), 20);
      },
    },
  ],
])("under a hard budget, %s charges a document as it was held", async (_, { host, path, body, fails }) => {
  await atHost(host);
  answer = fails;
  const { answers } = await spendAll(path, body, 0.4);
  expect(answers.length).toBeGreaterThan(0);
  expect(billedUsd).toBeLessThanOrEqual(0.4);
});

test("an event with the probabilities of a long text is read, and the usage after it", async () => {
  await atHost("https://api.openai.com/v1");
  answer = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(delta);
    response.write(event("output_text.done", { ...PLACE, text, logprobs }));
    response.end(event("completed", { response: { id: "r", status: "completed", output: [], usage } }));
  };
  const { answers, spentUsd: spent } = await spendAll("responses", responses, 1);
  expect(answers.length).toBeGreaterThan(1);
  expect(answers.at(-1)).toContain("response.completed");
  expect(spent).toBeCloseTo(answers.length * (READ_TOKENS * INPUT_USD + TOKENS * 10e-6), 6);
});
