import { describe, expect, test } from "vitest";
import { type RequestEntry, requestLog } from "#lib/gateway/ports/request-log";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "instant" }] });
const body = { model: "instant", messages: [{ role: "user", content: "Hello!" }] };

test("a row keeps the metadata that its caller had at that time", async () => {
  const { apiKey, organization } = gate.seeded.ids;
  await gate.sql`UPDATE organizations SET metadata = '{"team":"ads","unit":"eu"}' WHERE id = ${organization}`;
  const send = async () => {
    const response = await gate.chat(body);
    await response.text();
    const { id } = await gate.settledRow(response.headers.get("x-request-id"));
    return String(id);
  };
  const first = await send();
  await gate.sql`UPDATE api_keys SET metadata = '{"team":"search"}' WHERE id = ${apiKey}`;
  const second = await send();
  await gate.sql`UPDATE api_keys SET metadata = '{}' WHERE id = ${apiKey}`;
  await gate.sql`UPDATE organizations SET metadata = '{}' WHERE id = ${organization}`;
  const third = await send();
  const rows = await gate.sql`
    SELECT l.id, m.pairs FROM ledger l LEFT JOIN metadata_sets m ON m.id = l.metadata_id
    WHERE l.id IN (${first}, ${second}, ${third}) ORDER BY l.id`;
  expect([...rows]).toEqual([
    { id: first, pairs: { team: "ads", unit: "eu" } },
    { id: second, pairs: { team: "search", unit: "eu" } },
    { id: third, pairs: null },
  ]);
});

describe("what a client says about its request", () => {
  test("is on its row, beside the tags of its key", async () => {
    await gate.sql`UPDATE api_keys SET tags = '{team}' WHERE id = ${gate.seeded.ids.apiKey}`;
    const headers = { "x-tollgate-tags": "night, team", "session-id": "codex-1" };
    const response = await gate.chat(body, { headers });
    await response.text();
    expect(await gate.settledRow(response.headers.get("x-request-id"))).toMatchObject({
      tags: ["team", "night"],
      session_id: "codex-1",
    });
  });

  test("is rejected for an eleventh tag, before anything is held, and after the caller is known", async () => {
    const headers = { "x-tollgate-tags": Array.from({ length: 11 }, (_, i) => `t${i}`).join() };
    const rejected = await gate.chat(body, { headers });
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({
      error: { code: "invalid_request", param: "x-tollgate-tags" },
    });
    const stranger = await gate.chat(body, { headers: { ...headers, authorization: "Bearer tg_unknown" } });
    expect(stranger.status).toBe(401);
  });
});

describe("the log of requests", () => {
  /** What is logged while something is done. */
  async function logged(act: () => Promise<Response>): Promise<{ response: Response; entries: unknown[] }> {
    const entries: unknown[] = [];
    const before = gate.gateway.requestLog;
    Object.assign(gate.gateway, {
      requestLog: requestLog({ add: (entry) => entries.push(entry) }, () => true),
    });
    try {
      const response = await act();
      await response.text();
      return { response, entries };
    } finally {
      Object.assign(gate.gateway, { requestLog: before });
    }
  }
  const { organization, user, apiKey } = gate.seeded.ids;
  const caller = { organizationId: organization, userId: user, apiKeyId: apiKey };

  test.each([true, false])("has what the row has (stream: %s)", async (stream) => {
    const { response, entries } = await logged(() => gate.chat({ ...body, stream }));
    const row = await gate.rowOf(response);
    expect(entries).toEqual([
      expect.objectContaining<Partial<RequestEntry>>({
        requestId: row.id,
        caller: expect.objectContaining(caller),
        endpoint: "chat/completions",
        model: "instant",
        provider: row.provider,
        upstreamModel: row.upstream_model,
        status: 200,
        code: null,
        inputTokens: Number(row.input_tokens),
        outputTokens: Number(row.output_tokens),
        latencyMs: row.latency_ms,
        ttftMs: row.ttft_ms,
        stream,
      }),
    ]);
  });

  test("has rejections, with who was rejected, and requests without a row", async () => {
    const of = async (act: () => Promise<Response>) => (await logged(act)).entries;
    expect(await of(() => gate.chat({ ...body, model: "unknown" }))).toMatchObject([
      { caller, model: "unknown", endpoint: "chat/completions", status: 404, code: "model_not_found" },
    ]);
    const stranger = { headers: { authorization: "Bearer tg_unknown" } };
    expect(await of(() => gate.chat(body, stranger))).toMatchObject([
      { caller: { apiKeyId: null }, status: 401, code: "invalid_api_key", provider: null },
    ]);
    const headers = { authorization: `Bearer ${gate.seeded.apiKey}` };
    expect(await of(() => fetch(`${gate.url}/me`, { headers }))).toMatchObject([
      { caller, endpoint: "me", status: 200, code: null },
    ]);
    expect(await of(() => fetch(`${gate.url}/sk-secret/x`, { headers }))).toMatchObject([
      { endpoint: null, model: null, status: 404 },
    ]);
  });

  test("has the prefix of a key as lists show it, however the key came here, and little of an unknown key", async () => {
    await gate.sql`UPDATE api_keys SET key_prefix = 'sha256:1a2b3c' WHERE id = ${apiKey}`;
    const headers = { authorization: `Bearer ${gate.seeded.apiKey}` };
    // The first reads the caller anew.
    for (const act of [
      () => fetch(`${gate.url}/me`, { headers }),
      () => gate.chat(body),
      () => gate.chat({ ...body, model: "unknown" }),
    ])
      expect((await logged(act)).entries).toMatchObject([{ keyPrefix: "sha256:1a2b3c" }]);
    await gate.sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${apiKey}`;
    expect((await logged(() => gate.chat(body))).entries).toMatchObject([
      { keyPrefix: "sha256:1a2b3c", status: 401 },
    ]);
    await gate.sql`UPDATE api_keys SET revoked_at = NULL WHERE id = ${apiKey}`;
    for (const path of ["models", "nothing"]) {
      const stranger = { authorization: "Bearer sk-0123456789abcdefghij" };
      const { entries } = await logged(() => fetch(`${gate.url}/${path}`, { headers: stranger }));
      expect(entries).toMatchObject([{ keyPrefix: "sk-0" }]);
    }
    const app = { "x-gateway-secret": "s3cret-of-an-app", "x-app-id": "crm" };
    const { entries } = await logged(() => fetch(`${gate.url}/models`, { headers: app }));
    expect(entries).toMatchObject([{ keyPrefix: null }]);
  });
});
