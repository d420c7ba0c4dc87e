import { beforeEach, expect, test } from "vitest";
import { wav } from "#lib/dialects/media/testing/media-files";
import { answerWhole, billedAtHosts, usageOf } from "#lib/gateway/testing/billing-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const rates = { inputPerMtok: "0.1", outputPerMtok: "0.3" };
const contextWindow = 32_000;
const gate = await testGateway({
  models: [
    { name: "unpriced", upstreamModel: "mistralai/voxtral-small-24b-2507", rates, contextWindow },
    {
      name: "priced",
      upstreamModel: "mistralai/voxtral-small-24b-2507",
      rates: { ...rates, inputAudioPerMtok: "8" },
      contextWindow,
    },
    {
      name: "priced-alike",
      upstreamModel: "mistralai/voxtral-small-24b-2507",
      rates: { ...rates, inputAudioPerMtok: "0.1" },
      contextWindow,
    },
    { name: "through-litellm", upstreamModel: "mistral/voxtral-small-latest", rates, contextWindow },
  ],
});
const atHost = await billedAtHosts(gate, (_, response) => answerWhole(response, "ok", usageOf(100, 3)));

const RECORDING = { type: "input_audio", input_audio: { data: wav(4, 8_000), format: "wav" } };
const BY_URL = { type: "input_audio", input_audio: "https://a.example/long.mp3" };

async function ask(host: string, model: string, part: object) {
  await atHost(`https://${host}/v1`);
  const messages = [{ role: "user", content: [part] }];
  const response = await gate.chat({ model, max_tokens: 16, messages });
  return { status: response.status, body: await response.json() };
}

beforeEach(() => leaveBudget(gate, 1));

test.each([
  ["openrouter.ai", "unpriced", RECORDING],
  ["api.mistral.ai", "unpriced", RECORDING],
  ["api.mistral.ai", "unpriced", BY_URL],
  ["proxy.example.com", "through-litellm", RECORDING],
])("under a hard budget, %s bills a recording by the second: %s needs a rate", async (host, model, part) => {
  const { status, body } = await ask(host, model, part);
  expect([status, body.error.code, body.error.param]).toEqual([400, "invalid_request", "messages"]);
  expect(body.error.message).toContain("set input_audio_per_mtok in the model's price");
});

test.each([
  ["openrouter.ai", "priced", RECORDING],
  ["api.mistral.ai", "priced-alike", RECORDING],
  ["api.mistral.ai", "priced-alike", BY_URL],
  ["openrouter.ai", "unpriced", { type: "text", text: "no recording" }],
  ["vllm.example.com", "unpriced", RECORDING],
])("%s, %s: what is covered reaches the provider", async (host, model, part) => {
  expect((await ask(host, model, part)).status).toBe(200);
});

test("without a hard budget, a recording reaches all of them", async () => {
  await leaveBudget(gate, null);
  expect((await ask("openrouter.ai", "unpriced", RECORDING)).status).toBe(200);
});
