import { describe, expect, test } from "vitest";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: ["instant", "status-400", "status-429"].map((name) => ({ name })) });
const authorization = `Bearer ${gate.seeded.apiKey}`;

/** A chat completion as the seeded caller. */
const chat = (fields: object): RequestInit => ({
  method: "POST",
  headers: { authorization },
  body: JSON.stringify({ model: "instant", messages: [{ role: "user", content: "Hello!" }], ...fields }),
});

const ANSWERS: [what: string, path: string, init: RequestInit, status: number][] = [
  ["a whole answer", "/v1/chat/completions", chat({}), 200],
  ["one at an alias without a prefix", "/chat/completions", chat({}), 200],
  ["one at an alias with a prefix", "/llm/v1/chat/completions", chat({}), 200],
  ["a list of models", "/v1/models", { headers: { authorization } }, 200],
  ["a model", "/v1/models/instant", { headers: { authorization } }, 200],
  ["a request without a key", "/v1/chat/completions", { method: "POST", body: "{}" }, 401],
  ["an invalid body", "/v1/chat/completions", chat({ model: 1 }), 400],
  ["an unknown model", "/v1/chat/completions", chat({ model: "none" }), 404],
  ["an unknown path", "/v1/nothing", { headers: { authorization } }, 404],
  ["an unknown path at an alias", "/llm/v1/nothing", { headers: { authorization } }, 404],
  ["another method", "/v1/chat/completions", { headers: { authorization } }, 405],
  ["a provider's error", "/v1/chat/completions", chat({ model: "status-400" }), 400],
  ["a provider's rate limit", "/v1/chat/completions", chat({ model: "status-429", stream: true }), 429],
];

describe.each(bothMounts(gate))("on the %s mount", (_, send) => {
  test.each(ANSWERS)("%s may be neither stored nor sniffed", async (_, path, init, status) => {
    const answer = await send(path, init);
    await answer.text();
    expect(answer.status).toBe(status);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("a stream may be neither stored, sniffed nor transformed", async () => {
    const answer = await send("/v1/chat/completions", chat({ stream: true }));
    expect(await answer.text()).toContain("[DONE]");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
  });
});
