import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { ADMIN_API_KEY, METRICS_TOKEN } from "../mounts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const json = { accept: "application/json" };

for (const path of ["/models", "/llm/v1/models"]) {
  test(`GET ${path} lists models for a client with a credential`, async ({ gate }) => {
    for (const headers of [bearer(gate.seeded.apiKey), { "x-api-key": gate.seeded.apiKey }]) {
      const response = await fetch(gate.url + path, { headers });
      expect(response.status).toBe(200);
      const { data } = await response.json();
      expect(data.length).toBeGreaterThan(0);
      const one = await fetch(`${gate.url}${path}/${encodeURIComponent(data[0].id)}`, { headers });
      expect(await one.json()).toMatchObject({ id: data[0].id, object: "model" });
    }
  });
}

test("without a prefix, an unknown path or key is an error in JSON for a client", async ({ gate }) => {
  const headers = bearer(gate.seeded.apiKey);
  const answers = await Promise.all([
    fetch(`${gate.url}/models`, { headers: bearer("tg_wrong") }),
    fetch(`${gate.url}/models/nothing`, { headers }),
    fetch(`${gate.url}/responses/resp_1`, { headers }),
    fetch(`${gate.url}/chat/completions`, { method: "DELETE", headers }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 404, 404, 405]);
  for (const answer of answers) expect(await answer.json()).toHaveProperty("error.code");
});

for (const path of [
  "/v1/v1/chat/completions",
  "/llm/chat/completions",
  "/openai/v1/chat/completions",
  "/anthropic/v1/chat/completions",
  "/v2/chat/completions",
]) {
  test(`${path}, as other gateways have it, is a 404 in JSON that says what to use`, async ({ gate }) => {
    for (const headers of [bearer(gate.seeded.apiKey), {}]) {
      const response = await fetch(gate.url + path, { method: "POST", headers, body: "{}" });
      expect(response.status).toBe(404);
      const { error } = await response.json();
      expect(error.message).toBe(`Not found: POST ${path}. Use /v1/chat/completions.`);
    }
  });
}

test("GET /models is the portal's without a credential", async ({ gate }) => {
  const response = await fetch(`${gate.url}/models`, { headers: { accept: "text/html" } });
  expect(response.headers.get("content-type")).toMatch(/^text\/html/);
});

for (const [from, to] of [
  ["/admin", "/"],
  ["/redoc", "/docs"],
] as const) {
  test(`${from} redirects to ${to}`, async ({ gate }) => {
    const response = await fetch(gate.url + from, { redirect: "manual" });
    expect(response.status).toBe(307);
    expect(new URL(response.headers.get("location") ?? "", gate.url).pathname).toBe(to);
  });
}

test("GET /metrics has figures for METRICS_TOKEN, and names for an administrator", async ({ gate }) => {
  const seenBy = (token: string) => fetch(`${gate.url}/metrics`, { headers: { ...json, ...bearer(token) } });
  const figures = await (await seenBy(METRICS_TOKEN)).json();
  expect(figures).toMatchObject({ total_requests: expect.any(Number), total_cost_usd: expect.any(String) });
  expect(Object.keys(figures).filter((name) => name.startsWith("top_users"))).toEqual([]);
  expect(await (await seenBy(ADMIN_API_KEY)).json()).toMatchObject({ top_users: expect.any(Array) });
  for (const token of ["wrong", gate.seeded.apiKey]) {
    const response = await seenBy(token);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_api_key" } });
  }
  // An organization's administrator sees those of the organization in the Admin API alone.
  const { tokens } = await seedCast(gate);
  for (const [token, status] of [
    [tokens.admin, 200],
    [tokens.orgAdmin, 403],
    [tokens.viewer, 403],
  ] as const)
    expect((await seenBy(token)).status).toBe(status);
  expect((await fetch(`${gate.url}/metrics`, { headers: bearer(METRICS_TOKEN) })).status).toBe(400);
});

test("GET /health shows METRICS_TOKEN the details", async ({ gate }) => {
  const response = await fetch(`${gate.url}/health`, { headers: bearer(METRICS_TOKEN) });
  expect(await response.json()).toMatchObject({ database: { healthy: true }, providers: expect.any(Object) });
});
