import { expect, test } from "vitest";
import { DIALECTS } from "#lib/dialects/registry";
import { testModel } from "#lib/gateway/testing/test-model";
import type { Translation } from "#lib/translation/translation";
import { contextJudge } from "./context-window";

const schema = { type: "object" };
const BODIES = {
  messages: { max_tokens: 9, tools: [{ type: "custom", name: "web_search", input_schema: schema }] },
  chat: { tools: [{ type: "function", function: { name: "web_search" } }] },
};
type Name = keyof typeof BODIES;
type To = { isLimited?: boolean; translation?: Translation | null };

const TRANSLATED: Translation = {
  plan: () => ({ dropped: [], refused: [], ownBytes: 0 }),
  begin: () => {
    throw new Error("is not sent");
  },
  bound: () => null,
  pastReasoning: { isRefused: () => false, leaveOut: () => null },
};

async function rejectionAt(baseUrl: string, name: Name, { isLimited = true, translation = null }: To = {}) {
  const dialect = DIALECTS.find((one) => one.name === name);
  if (dialect === undefined) throw new Error(`no dialect ${name}`);
  const body = { model: "m", messages: [{ role: "user", content: "Hi" }], ...BODIES[name] };
  const model = testModel(null);
  const routes = model.routes.map((route) => ({
    ...route,
    translation,
    target: { ...route.target, baseUrl },
  }));
  return contextJudge(dialect, dialect.parse(JSON.stringify(body))).rejection(
    { ...model, routes },
    isLimited,
  );
}

test.each<[string, Name]>([
  ["https://litellm.example.com/v1", "messages"],
  ["https://litellm.example.com/v1", "chat"],
  ["http://litellm:4000/v1", "messages"],
  ["https://lb-1.elb.us-east-1.amazonaws.com/v1", "messages"],
  ["https://vm.westeurope.cloudapp.azure.com/v1", "chat"],
])("a hard budget does not let a proxy run a client's tool by its name: %s, %s", async (baseUrl, name) => {
  const rejection = await rejectionAt(baseUrl, name);
  expect(rejection).toMatchObject({ code: "unsupported_parameter" });
  expect(rejection?.param).toMatch(/^tools\[0\]\..*name$/);
  expect(await rejectionAt(baseUrl, name, { isLimited: false })).toBeNull();
});

test.each<[string, Name]>([
  ["https://api.anthropic.com/v1", "messages"],
  ["https://api.openai.com/v1", "chat"],
  ["https://bedrock-runtime.us-east-1.amazonaws.com/model", "messages"],
  ["https://us-east5-aiplatform.googleapis.com/v1", "messages"],
  ["https://mine.services.ai.azure.com/anthropic/v1", "messages"],
  ["", "chat"],
])("makers leave the tool to the client: %j, %s", async (baseUrl, name) => {
  expect(await rejectionAt(baseUrl, name)).toBeNull();
});

test("a translation writes the tool in a form that no proxy runs", async () => {
  const to = { translation: TRANSLATED };
  expect(await rejectionAt("https://litellm.example.com/v1", "messages", to)).toBeNull();
});
