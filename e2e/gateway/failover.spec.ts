import OpenAI from "openai";
import { expect, type Gate, test } from "../fixtures";
import { ADMIN_API_KEY } from "../mounts";

const messages = [{ role: "user" as const, content: "Hello!" }];

async function adminApi(gate: Gate, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${ADMIN_API_KEY}`, "content-type": "application/json" };
  const response = await fetch(`${gate.url}/api/admin/v1${path}`, { ...init, headers });
  return response.json();
}

test("the SDK sees no failure of the first target, and the row says what was tried", async ({ gate }) => {
  const price = { input_per_mtok: "1", output_per_mtok: "1" };
  const targets = ["status-504", "stream-100"].map((upstream_model, priority) => ({
    provider_id: gate.seeded.ids.provider,
    upstream_model,
    priority,
  }));
  const model = gate.model("fails-over");
  const body = JSON.stringify({ name: model, price, targets, retries: 1 });
  expect(await adminApi(gate, "/models", { method: "POST", body })).toMatchObject({ name: model });

  const { completions } = new OpenAI({ baseURL: gate.v1, apiKey: gate.seeded.apiKey, maxRetries: 0 }).chat;
  const whole = await completions.create({ model, messages }).withResponse();
  expect(whole.data.choices[0]?.message.content).toContain("word99");
  const streamed = await completions.create({ model, messages, stream: true }).withResponse();
  let text = "";
  for await (const chunk of streamed.data) text += chunk.choices[0]?.delta.content ?? "";
  expect(text).toContain("word99");

  for (const { response } of [whole, streamed]) {
    expect(response.headers.get("x-tollgate-attempts")).toBe("3");
    const row = await adminApi(gate, `/requests/${response.headers.get("x-request-id")}`);
    const failed = {
      provider: gate.seeded.providerName,
      upstream_model: "status-504",
      http_status: 504,
      outcome: "failed",
      reason: expect.stringContaining("504"),
    };
    expect(row).toMatchObject({
      http_status: 200,
      upstream_model: "stream-100",
      attempts: [failed, failed, { upstream_model: "stream-100", http_status: 200, outcome: "served" }],
    });
  }
});
