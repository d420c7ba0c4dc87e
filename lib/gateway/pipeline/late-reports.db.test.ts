import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { billedBy, chunk, usageOf } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { restoreTimeouts, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const contextWindow = 70_000;
const gate = await testGateway({
  models: [{ name: "reads", rates: { inputPerMtok: "1", outputPerMtok: "0" }, contextWindow }],
});
restoreTimeouts(gate);

/** What the provider has read at the URL. */
const READ_TOKENS = 60_008;
let saysAtOnce = false;

/** Shows a word, and goes on without an end. */
async function answer(_: object, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (saysAtOnce)
    response.write(`data: ${JSON.stringify({ choices: [], usage: usageOf(READ_TOKENS, 0) })}\n\n`);
  response.write(chunk({ content: "Well," }));
}
await billedBy(gate, answer);

const document = { type: "file", file: { file_url: "https://files.example.com/report.pdf" } };

/** An answer that is given up in its middle, under a hard budget. */
async function cutAnswer() {
  await leaveBudget(gate, "1");
  gate.gateway.requestTimeoutMs = 400;
  const messages = [{ role: "user", content: [{ type: "text", text: "Summarize this." }, document] }];
  const response = await gate.chat({ model: "reads", messages, stream: true, max_tokens: 20 });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("upstream_timeout");
  return gate.rowOf(response);
}

/*
 * A hang-up is read on for the report, which may take minutes: there is no client to wait for it. Here a client waits
 * for the event that ends its stream, which comes only once the row is settled, and any estimate below the window may
 * be less than what the provider bills: the document is as long as its server says, which may be the client's own.
 */
test("an answer that takes too long is charged the window, where only its end tells what was read", async () => {
  saysAtOnce = false;
  expect(await cutAnswer()).toMatchObject({
    usage_source: "estimated",
    input_tokens: String(contextWindow),
    error_code: "upstream_timeout",
  });
  await expectBalancedBooks(gate);
});

test("it is charged what was read where that was told before", async () => {
  saysAtOnce = true;
  expect(await cutAnswer()).toMatchObject({
    input_tokens: String(READ_TOKENS),
    error_code: "upstream_timeout",
  });
  await expectBalancedBooks(gate);
});
