import { expect, type Gate, settledRow, test } from "../fixtures";
import { ADMIN_API_KEY, CRON_SECRET } from "../mounts";

const messages = [{ role: "user", content: "Hello!" }];

/** Posts a prompt to a path, and expects that it is answered and settled. */
async function expectAnswered(
  gate: Gate,
  path: string,
  prompt: object,
  headers: Record<string, string>,
): Promise<void> {
  const response = await fetch(gate.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${gate.seeded.apiKey}`, ...headers },
    body: JSON.stringify({ model: gate.model("instant"), ...prompt }),
  });
  expect(response.status).toBe(200);
  await settledRow(gate, response.headers.get("x-request-id"));
}

for (const path of ["/v1/chat/completions", "/chat/completions", "/llm/v1/chat/completions"]) {
  test(`${path} answers`, ({ gate }) =>
    expectAnswered(gate, path, { messages }, { "content-type": "application/json" }));
}

// Next copies at most 256 KiB of what it takes for a page, and hands on no more (lib/http/page-security.ts).
for (const path of ["/chat/completions", "/embeddings"]) {
  test(`${path} reads a whole body from a client that accepts pages`, async ({ gate }) => {
    const text = "word ".repeat(60_000);
    const prompt = path === "/embeddings" ? { input: text } : { messages: [{ role: "user", content: text }] };
    await expectAnswered(gate, path, prompt, { accept: "text/html, */*" });
  });
}

test("every error has OpenAI's shape and a request id", async ({ gate }) => {
  const answers = await Promise.all([
    fetch(`${gate.v1}/chat/completions`, { method: "POST", body: "{}" }),
    fetch(`${gate.v1}/chat/completions`),
    fetch(`${gate.v1}/nothing/here`),
    fetch(`${gate.v1}/models`),
    fetch(`${gate.v1}/models/x`, { method: "DELETE" }),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual([401, 405, 404, 401, 405]);
  for (const answer of answers) {
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await answer.json()).toEqual({
      error: { message: expect.any(String), type: expect.any(String), param: null, code: expect.any(String) },
    });
  }
});

test("a body over the limit is a 413", async ({ gate }) => {
  const response = await fetch(`${gate.v1}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gate.seeded.apiKey}` },
    body: JSON.stringify({ model: gate.model("instant"), messages, padding: "x".repeat(34 * 1024 * 1024) }),
  });
  expect(response.status).toBe(413);
});

test("the provider's credential goes upstream and never reaches a client", async ({ gate }) => {
  for (const scenario of [
    "instant",
    "leaky-headers",
    "status-400-leaky",
    "status-401",
    "status-403",
    "error-event",
  ]) {
    for (const stream of [false, true]) {
      const response = await fetch(`${gate.v1}/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${gate.seeded.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ model: gate.model(scenario), messages, stream }),
      });
      const shown = JSON.stringify([...response.headers]) + (await response.text());
      expect(shown).not.toContain("CANARY");
      expect(shown).not.toContain("set-cookie");
    }
  }
  expect(gate.upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${gate.seeded.canary}`);
  expect(JSON.stringify(gate.upstream.requests)).not.toContain(gate.seeded.apiKey);
});

test("cron routes need their secret", async ({ gate }) => {
  const sweep = (authorization: string) =>
    fetch(`${gate.url}/api/cron/sweep-holds`, { headers: { authorization } });
  expect((await sweep("")).status).toBe(401);
  expect((await sweep("Bearer wrong")).status).toBe(401);
  const answer = await sweep(`Bearer ${CRON_SECRET}`);
  expect(await answer.json()).toMatchObject({ swept: 0 });
});

test("the health routes answer", async ({ gate }) => {
  expect((await fetch(`${gate.url}/livez`)).status).toBe(200);
  expect((await fetch(`${gate.url}/readyz`)).status).toBe(200);
  const health = await (await fetch(`${gate.url}/health`)).json();
  expect(health).toEqual({ status: "healthy", timestamp: expect.any(String) });
});

test("health shows details only to an administrator's token", async ({ gate }) => {
  const seenBy = async (bearer: string) =>
    (await fetch(`${gate.url}/health`, { headers: { authorization: `Bearer ${bearer}` } })).json();
  expect(await seenBy(ADMIN_API_KEY)).toMatchObject({
    status: expect.stringMatching(/^(healthy|degraded)$/),
    database: { healthy: true },
    redis: { configured: false, replicas: expect.any(Number) },
    providers: expect.any(Object),
  });
  for (const bearer of ["wrong", gate.seeded.apiKey]) {
    expect(await seenBy(bearer)).toEqual({
      status: expect.stringMatching(/^(healthy|degraded)$/),
      timestamp: expect.any(String),
    });
  }
});
