import { expect, test } from "vitest";
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

test("a client that stops reading and then hangs up pays for what is generated meanwhile", async () => {
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
  await reader?.read();
  await new Promise((resolve) => setTimeout(resolve, UNREAD_MS));
  await reader?.cancel();
  const row = await gate.settledRow(response?.headers.get("x-request-id") ?? null);
  expect(row).toMatchObject({ http_status: 499, usage_source: "estimated" });
  // At the least pace that is assumed of a provider.
  expect(Number(row.output_tokens)).toBeGreaterThanOrEqual((UNREAD_MS / 1_000) * 100);
});
