import { expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { raw } from "#lib/testing/upstream/scenario";

const RESPONSE = JSON.stringify({
  id: "resp_1",
  object: "response",
  status: "completed",
  output: [],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
});

const gate = await testGateway({
  models: [{ name: "m", rates: { inputPerMtok: "1", outputPerMtok: "1" } }],
  rules: [{ path: "/v1/responses", scenario: raw(200, { "content-type": "application/json" }, RESPONSE) }],
});

const ask = async (path: string, body: object) => {
  const response = await gate.post(path, { model: "m", ...body });
  const answered: unknown = await response.json();
  return { status: response.status, body: answered };
};
const chat = () => ask("chat/completions", { messages: [{ role: "user", content: "Hello" }] });
const respond = () => ask("responses", { input: "Hello" });
const embed = () => ask("embeddings", { input: "Hello" });
const notServed = (endpoints: string) => ({
  status: 404,
  body: {
    error: {
      code: "model_not_found",
      message: `The model 'm' is not served at this endpoint. It is served at ${endpoints}.`,
    },
  },
});

test("a model is served at the endpoints that its provider's settings name, and where that can be translated", async () => {
  expect((await chat()).status).toBe(200);
  expect(await embed()).toMatchObject({ status: 200 });
  await gate.sql`UPDATE providers SET settings = '{"dialects": ["chat", "responses"]}'`;
  await gate.gateway.routing({ fresh: true });
  // Not translated, though the provider speaks chat as well.
  expect(await respond()).toMatchObject({ status: 200, body: { id: "resp_1" } });
  expect(await embed()).toMatchObject(notServed("/v1/chat/completions, /v1/responses, /v1/messages"));
});
