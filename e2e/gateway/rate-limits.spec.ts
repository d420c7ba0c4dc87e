import OpenAI from "openai";
import { expect, type Gate, test } from "../fixtures";
import { ADMIN_API_KEY } from "../mounts";

const messages = [{ role: "user" as const, content: "Hello!" }];

/** A new key of the gate's organization, made over the Admin API. */
async function keyWith(gate: Gate, rateLimits: object): Promise<string> {
  const response = await fetch(`${gate.url}/api/admin/v1/api-keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "limited", user_id: gate.seeded.ids.user, rate_limits: rateLimits }),
  });
  expect(response.status).toBe(201);
  const { key } = await response.json();
  return key;
}

const reported = (headers: Headers, unit: "requests" | "tokens") =>
  ["limit", "remaining", "reset"].map((what) => headers.get(`x-ratelimit-${what}-${unit}`));
const DURATION = /^(?=.)(\d+h)?(\d+m)?(\d+(\.\d+)?s|\d+ms)$/;

/** Replicas that other files have started and stopped share the limits for some seconds more. */
test.beforeEach(async ({ gate }) => {
  const apiKey = await keyWith(gate, { windows: [{ requests: 1_000, seconds: 86_400 }] });
  const client = new OpenAI({ baseURL: gate.v1, apiKey, maxRetries: 0 });
  const limit = async () =>
    reported((await client.models.list().withResponse()).response.headers, "requests")[0];
  await expect.poll(limit, { timeout: 20_000 }).toBe("1000");
});

test("each answer reports the limits, and a request beyond them gets a 429", async ({ gate }) => {
  const apiKey = await keyWith(gate, {
    windows: [{ requests: 2, seconds: 86_400 }],
    tokens_per_minute: 9000,
  });
  const client = new OpenAI({ baseURL: gate.v1, apiKey, maxRetries: 0 });
  const model = gate.model("instant");

  const first = await client.chat.completions.create({ model, messages }).withResponse();
  expect(reported(first.response.headers, "requests")).toEqual(["2", "1", expect.stringMatching(DURATION)]);
  const used = first.data.usage?.total_tokens ?? 0;
  const [limit, remaining, reset] = reported(first.response.headers, "tokens");
  expect([limit, reset]).toEqual(["9000", expect.stringMatching(DURATION)]);
  // Some may have flowed back by the time of the answer.
  expect(Number(remaining)).toBeGreaterThanOrEqual(9000 - used);
  expect(Number(remaining)).toBeLessThanOrEqual(9000);

  const second = await client.chat.completions.create({ model, messages, stream: true }).withResponse();
  expect(reported(second.response.headers, "requests").slice(0, 2)).toEqual(["2", "0"]);
  for await (const _chunk of second.data);

  const rejected = await client.chat.completions.create({ model, messages }).catch((error) => error);
  expect(rejected).toBeInstanceOf(OpenAI.RateLimitError);
  expect(rejected).toMatchObject({ status: 429, code: "rate_limit_exceeded", type: "rate_limit_error" });
  expect(Number(rejected.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(reported(rejected.headers, "requests").slice(0, 2)).toEqual(["2", "0"]);
});

test("model lists and invalid requests report the limits, too, and take nothing from them", async ({
  gate,
}) => {
  const apiKey = await keyWith(gate, { windows: [{ requests: 5, seconds: 86_400 }], tokens_per_minute: 700 });
  const client = new OpenAI({ baseURL: gate.v1, apiKey, maxRetries: 0 });
  const bad = { model: gate.model("instant"), messages: [] };
  for (let times = 0; times < 2; times++) {
    const { response } = await client.models.list().withResponse();
    const wrong = await client.chat.completions.create(bad).catch((error) => error);
    const unknown = await client.chat.completions.create({ model: "none", messages }).catch((error) => error);
    expect([wrong.status, unknown.status]).toEqual([400, 404]);
    for (const { headers } of [response, wrong, unknown]) {
      expect(reported(headers, "requests")).toEqual(["5", "5", "0s"]);
      expect(reported(headers, "tokens")).toEqual(["700", "700", "0s"]);
    }
  }
});

test("the SDK waits for retry-after and is then served", async ({ gate }) => {
  const apiKey = await keyWith(gate, { windows: [{ requests: 1, seconds: 2 }] });
  const client = new OpenAI({ baseURL: gate.v1, apiKey, maxRetries: 2 });
  for (let times = 0; times < 3; times++) {
    const { choices } = await client.chat.completions.create({ model: gate.model("instant"), messages });
    expect(choices).toHaveLength(1);
  }
});
