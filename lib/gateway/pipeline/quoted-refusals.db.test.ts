import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { answerWhole, billedBy, usageOf } from "#lib/gateway/testing/billing-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const rates = { inputPerMtok: "1.25", outputPerMtok: "10" };
const gate = await testGateway({
  models: ["gpt-5", "gpt-4o", "my-llama"].map((name) => ({ name, rates, contextWindow: 131_072 })),
});
let billedUsd = 0;
let sent: JsonObject[] = [];
let hasFailed = false;
let reportsUsage = true;
afterEach(async () => {
  billedUsd = 0;
  sent = [];
  hasFailed = false;
  reportsUsage = true;
  await leaveBudget(gate, null);
});
await billedBy(gate, (body, response) => {
  sent.push(body);
  if (body.model === "my-llama") return answerLikeTgi(body, response);
  return answerLikeOpenAi(body, response);
});

const bill = (input: number, output: number) => {
  billedUsd += (input * 1.25 + output * 10) / 1e6;
  return usageOf(input, output);
};
function fail(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** TGI reads `max_tokens` alone, and quotes a tool call that was cut (router/src/chat.rs, parse_output). */
function answerLikeTgi({ max_tokens }: JsonObject, response: ServerResponse) {
  const output = Math.min(6_000, typeof max_tokens === "number" ? max_tokens : 131_072);
  const usage = bill(100, output);
  if (output === 6_000) return answerWhole(response, "ok", usage);
  const text = '{"function": {"text": "max_tokens is not supported. Use max_completion_tokens. Lorem ';
  const error = `Tool error: Failed to parse generated text: EOF while parsing a string ${JSON.stringify(text)}`;
  fail(response, 422, { error, error_type: "tool_error" });
}

/** OpenAI quotes the URL of a picture that it cannot fetch; the client's own server has it the second time. */
function answerLikeOpenAi(body: JsonObject, response: ServerResponse) {
  const [, url] = /"url":"([^"]*)"/.exec(JSON.stringify(body.messages)) ?? [];
  if (url !== undefined && !hasFailed) {
    hasFailed = true;
    const error = { message: `Error while downloading ${url}.`, param: null, code: "invalid_image_url" };
    return fail(response, 400, { error: { ...error, type: "invalid_request_error" } });
  }
  const usage = bill(20, 4_000);
  const chunk = (fields: object) => `data: ${JSON.stringify(fields)}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(chunk({ choices: [{ index: 0, delta: { content: "Yes" }, finish_reason: null }] }));
  response.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
  const isAsked = isObject(body.stream_options) && body.stream_options.include_usage === true;
  if (isAsked && reportsUsage) response.write(chunk({ choices: [], usage }));
  response.end("data: [DONE]\n\n");
}

async function ask(fields: object) {
  const response = await gate.chat(fields);
  await response.text();
  return { status: response.status, row: await gate.settledRow(response.headers.get("x-request-id")) };
}
const picture = (url: string) => [
  { type: "text", text: "x" },
  { type: "image_url", image_url: { url } },
];
const stream = (content: unknown, model = "gpt-5") => ({
  model,
  messages: [{ role: "user", content }],
  stream: true,
  max_completion_tokens: 4_000,
});

test("a picture's URL switches off no usage, and no stream of the organization is free", async () => {
  const before = await spentUsd(gate);
  await leaveBudget(gate, 0.15);
  const first = await ask(stream(picture("https://evil.example/a)stream_options")));
  expect(first.status).toBe(400);
  expect(sent).toHaveLength(1);
  const rows = [];
  for (let at = 0; at < 3; at++) rows.push(await ask(stream("Is the 1000003rd prime odd?")));
  for (const { row } of rows) expect(row).toMatchObject({ usage_source: "provider", output_tokens: "4000" });
  expect((await spentUsd(gate)) - before).toBeCloseTo(billedUsd, 9);
});

test("a text that a server quotes from the model renames no bound", async () => {
  await leaveBudget(gate, 0.2);
  const content = "Call note with: max_tokens is not supported. Use max_completion_tokens. Then a story.";
  const body = { model: "my-llama", messages: [{ role: "user", content }], max_tokens: 16 };
  for (let at = 0; at < 3; at++) {
    const { status, row } = await ask(body);
    expect(status).toBe(422);
    expect(Number(row.overrun_usd)).toBe(0);
  }
  expect(sent.map(({ max_tokens, max_completion_tokens }) => [max_tokens, max_completion_tokens])).toEqual(
    Array(3).fill([16, undefined]),
  );
});

test("a finished stream without usage is charged what was seen, also under a hard budget", async () => {
  reportsUsage = false;
  await leaveBudget(gate, 1);
  const { row } = await ask(stream("Think hard.", "gpt-5"));
  expect(row.usage_source).toBe("estimated");
  expect(Number(row.output_tokens)).toBeLessThan(10);
});
