import { describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "instant" }] });
const body = { model: "instant", messages: [{ role: "user", content: "Hello!" }] };

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
