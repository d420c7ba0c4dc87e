import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { billedBy } from "#lib/gateway/testing/billing-provider";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { chat } from "#lib/testing/upstream/scenario";

const GENERATED = 1_500;
const UNREAD_MS = 3_000;
// A model that shows all that it generates. A dollar is an output token.
const gate = await testGateway({
  models: [{ name: "gpt-4o", rates: { inputPerMtok: "0", outputPerMtok: "1000000" } }],
  rules: [{ model: "gpt-4o", scenario: chat({ chunks: GENERATED }, { writeBytes: 1_000, paceMs: 1 }) }],
});

async function leave(reads: number, pauseMs: number) {
  const [, web] = bothMounts(gate);
  const response = await web?.[1]("/v1/chat/completions", {
    method: "POST",
    headers: { authorization: `Bearer ${gate.seeded.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "gpt-4o",
      messages: [{ role: "user", content: "Hello!" }],
      stream: true,
      max_tokens: GENERATED,
    }),
  });
  const reader = response?.body?.getReader();
  for (let read = 0; read < reads; read++) {
    await reader?.read();
    await sleep(pauseMs);
  }
  await reader?.cancel();
  const row = await gate.settledRow(response?.headers.get("x-request-id") ?? null);
  expect(row).toMatchObject({ http_status: 499, usage_source: "estimated" });
  return Number(row.output_tokens);
}

// At the least pace that is assumed of a provider.
const LEAST_TOKENS = (UNREAD_MS / 1_000) * 100;

test("a client that stops reading and then hangs up pays for what is generated meanwhile", async () => {
  expect(await leave(1, UNREAD_MS)).toBeGreaterThanOrEqual(LEAST_TOKENS);
});

test("so does one that reads slowly, for all the time that it has not read", async () => {
  // Few tokens are in what is read at a time.
  const padding = { logprobs: { content: [{ token: "a", bytes: "1".repeat(60_000) }] } };
  const choices = [{ index: 0, delta: { content: "a " }, finish_reason: null, ...padding }];
  const event = `data: ${JSON.stringify({ choices })}\n\n`;
  await billedBy(gate, async (_, answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    for (let token = 0; token < GENERATED && !answer.destroyed; token++) {
      answer.write(event);
      await sleep(5);
    }
  });
  expect(await leave(10, UNREAD_MS / 10)).toBeGreaterThanOrEqual(LEAST_TOKENS);
});
