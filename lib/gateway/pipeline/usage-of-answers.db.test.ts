import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { billedBy, usageOf } from "#lib/gateway/testing/billing-provider";
import { CLIENT_GONE } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const gate = await testGateway({
  models: [{ name: "moonshot-v1-8k", rates: { inputPerMtok: "3", outputPerMtok: "15" } }],
});
const ANSWERS = 4;
const TOKENS = 400;
const indexes = [...Array(ANSWERS).keys()];
const event = (fields: object) =>
  `data: ${JSON.stringify({ object: "chat.completion.chunk", ...fields })}\n\n`;

/** After what the sum follows the usage of each answer; null for a provider that never sends it. */
let beforeSum: Promise<void> | null = null;

/** Four answers of 400 tokens, each with its usage in its last chunk. */
async function answer(_: object, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const index of indexes) {
    const choice = { index, delta: { content: " word" }, finish_reason: null };
    response.write(event({ choices: [choice] }).repeat(TOKENS));
  }
  for (const index of indexes) {
    response.write(
      event({ choices: [{ index, delta: {}, finish_reason: "stop", usage: usageOf(20, TOKENS) }] }),
    );
  }
  if (beforeSum !== null) {
    await beforeSum;
    response.write(event({ choices: [], usage: usageOf(20, ANSWERS * (TOKENS + 100)) }));
  }
  response.end("data: [DONE]\n\n");
}
await billedBy(gate, answer);
await leaveBudget(gate, 10);
await gate.gateway.routing({ fresh: true });

function ask(signal?: AbortSignal): Promise<Response> {
  const messages = [{ role: "user", content: "x" }];
  const body = { model: "moonshot-v1-8k", n: ANSWERS, max_tokens: 500, stream: true, messages };
  return gate.chat(body, signal === undefined ? {} : { signal });
}

test("four answers whose usage a stream reports apart are charged as four", async () => {
  beforeSum = null;
  const response = await ask();
  await response.text();
  expect(await gate.settledRow(response.headers.get("x-request-id"))).toMatchObject({
    usage_source: "provider",
    input_tokens: "20",
    output_tokens: "1600",
    cost_usd: "0.024060000000",
  });
});

test("a client that hangs up after the last answer pays the sum that follows", async () => {
  let left = () => {};
  beforeSum = new Promise((resolve) => {
    left = resolve;
  });
  const gone = new AbortController();
  const response = await ask(gone.signal);
  const reader = response.body?.getReader();
  let text = "";
  while (text.split('"stop"').length <= ANSWERS) {
    text += Buffer.from((await reader?.read())?.value ?? []).toString("utf8");
  }
  gone.abort();
  const id = response.headers.get("x-request-id") ?? "";
  await expect.poll(() => gate.gateway.inFlight.get(id)?.isClientGone()).toBe(true);
  left();
  expect(await gate.settledRow(response.headers.get("x-request-id"))).toMatchObject({
    ...CLIENT_GONE,
    usage_source: "provider",
    input_tokens: "20",
    output_tokens: "2000",
  });
});
