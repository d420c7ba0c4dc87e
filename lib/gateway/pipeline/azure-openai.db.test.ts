import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import { errorsIn } from "#lib/gateway/testing/hosted-claude";
import { becomes } from "#lib/gateway/testing/move-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { log } from "#lib/observability/log";
import { connections } from "#lib/providers/testing/exchange-harness";
import { AZURE_ANSWERS, AZURE_STREAM, serveAzure, tokenOf } from "#lib/providers/testing/fake-azure";
import { redirected } from "#lib/providers/testing/token-host";

const encryptionKey = randomBytes(32).toString("base64");
const models = [{ name: "mini", rates: MICRODOLLAR_RATES, contextWindow: 100_000 }];
const gate = await testGateway({ models, encryptionKey });
const messages = [{ role: "user", content: "Hello!" }];
const COUNTED = { status: "settled", usage_source: "provider", input_tokens: "12", output_tokens: "7" };

/** Serves the model from Azure, with a token of Entra ID. */
async function onAzure() {
  const azure = await serveAzure();
  const over = redirected(connections(), "https://login.microsoftonline.com", azure.tokens.url);
  const stored = { type: "azure-openai", baseUrl: azure.url, credentials: azure.entra };
  await becomes(gate, encryptionKey, stored, over);
  return azure;
}

test("a model on Azure is held, metered and settled under a hard budget, byte for byte", async () => {
  const { seen } = await onAzure();
  await leaveBudget(gate, "0.001");
  const whole = await gate.chat({ model: "mini", messages, max_tokens: 50_000 });
  expect(await whole.text()).toBe(JSON.stringify(AZURE_ANSWERS["chat/completions"]));
  const lowered = Number(whole.headers.get("x-tollgate-max-tokens"));
  expect(lowered).toBeLessThan(1_000);
  expect(seen[0]?.body).toEqual({ model: "mini", messages, max_completion_tokens: lowered });
  expect(await gate.rowOf(whole)).toMatchObject({ ...COUNTED, endpoint: "chat/completions" });
  const stream = await gate.chat({
    model: "mini",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(await stream.text()).toBe(AZURE_STREAM);
  expect(await gate.rowOf(stream)).toMatchObject({ ...COUNTED, stream: true });
  for (const [path, body] of [
    ["responses", { input: "Hi", max_output_tokens: 20 }],
    ["completions", { prompt: "Hi", max_tokens: 20 }],
  ] as const) {
    const answered = await gate.post(path, { model: "mini", ...body });
    expect(await answered.text()).toBe(JSON.stringify(AZURE_ANSWERS[path]));
    expect(await gate.rowOf(answered)).toMatchObject({ ...COUNTED, endpoint: path });
  }
  const embedded = await gate.post("embeddings", { model: "mini", input: "Hi" });
  expect(await gate.rowOf(embedded)).toMatchObject({ ...COUNTED, output_tokens: "0" });
  await leaveBudget(gate, "0");
  expect((await gate.chat({ model: "mini", messages })).status).toBe(429);
  await leaveBudget(gate, null);
});

test("a request that Azure rejects is the client's to correct, and releases the hold", async () => {
  await onAzure();
  const answered = await gate.chat({ model: "mini", messages, surprise: 1 });
  expect(answered.status).toBe(400);
  expect(await answered.json()).toMatchObject({ error: { message: "Unknown parameter: 'surprise'." } });
  expect(await gate.rowOf(answered)).toMatchObject({ status: "released" });
});

test("an application that Entra ID rejects releases the hold, and neither it nor a token is logged", async () => {
  const logged = vi.spyOn(log, "warn");
  const { entra, revoked } = await onAzure();
  expect((await gate.chat({ model: "mini", messages })).status).toBe(200);
  revoked.add(`Bearer ${tokenOf(1)}`);
  const rejected = await gate.chat({ model: "mini", messages });
  expect(rejected.status).toBe(502);
  const { url, tokens } = await serveAzure();
  const credentials = { ...entra, client_secret: "wrong~secret-0123456789" };
  const over = redirected(connections(), "https://login.microsoftonline.com", tokens.url);
  await becomes(gate, encryptionKey, { type: "azure-openai", baseUrl: url, credentials }, over);
  const unissued = await gate.chat({ model: "mini", messages });
  expect(unissued.status).toBe(502);
  expect(await gate.rowOf(unissued)).toMatchObject({ status: "released" });
  const shown = JSON.stringify([await rejected.text(), await unissued.text()]);
  const lines = logged.mock.calls.map(([fields]) => errorsIn(Object(fields).err)).join("\n");
  expect(lines).toContain("issued no token (status 400, invalid_client)");
  for (const secret of [...Object.values(entra), credentials.client_secret, tokenOf(1)])
    expect(shown + lines).not.toContain(secret);
  logged.mockRestore();
});
