import { afterEach, describe, expect, test } from "vitest";
import { checkDefaultModel } from "#lib/boot/start/check-default-model";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const gate = await testGateway({ models: [{ name: "m", upstreamModel: "instant" }] });
const messages = [{ role: "user", content: "Hello!" }];

async function ask(body: object) {
  const response = await gate.chat({ messages, max_tokens: 10, ...body });
  const { error }: { error?: { code: string; param: string } } = await response.json();
  return { status: response.status, model: response.headers.get("x-tollgate-model"), ...error };
}

describe("a request that names no model", () => {
  afterEach(() => {
    gate.gateway.defaultModel = null;
  });

  test("is for the default model", async () => {
    gate.gateway.defaultModel = "m";
    for (const body of [{}, { model: null }, { model: "" }])
      expect(await ask(body)).toMatchObject({ status: 200, model: "m" });
    const message = await gate.post("messages", { messages, max_tokens: 10 });
    expect(message.status).toBe(200);
  });

  test("is rejected without one, and so is what is no name", async () => {
    expect(await ask({})).toMatchObject({ status: 400, param: "model" });
    gate.gateway.defaultModel = "m";
    expect(await ask({ model: 5 })).toMatchObject({ status: 400, param: "model" });
  });

  test("prevents the start if the default does not exist", async () => {
    await checkDefaultModel({ ...gate.gateway, defaultModel: "m" });
    await expect(checkDefaultModel({ ...gate.gateway, defaultModel: "gone" })).rejects.toThrow(
      'DEFAULT_MODEL: there is no model "gone".',
    );
  });
});

describe("a change of a model's settings that a rejection depends on", () => {
  test("drop_unsupported counts at once", async () => {
    const body = { model: "m", service_tier: "priority" };
    expect(await ask(body)).toMatchObject({ status: 400, param: "service_tier" });
    await gate.sql`UPDATE models SET drop_unsupported = true`;
    expect((await ask(body)).status).toBe(200);
    await gate.sql`UPDATE models SET drop_unsupported = false`;
    await gate.gateway.routing({ fresh: true });
  });

  test("so does it for what a hard budget forbids", async () => {
    await leaveBudget(gate, "1");
    const body = { model: "m", my_field: 1 };
    expect(await ask(body)).toMatchObject({ status: 400, param: "my_field" });
    await gate.sql`UPDATE models SET drop_unsupported = true`;
    expect((await ask(body)).status).toBe(200);
    await gate.sql`UPDATE models SET drop_unsupported = false`;
    await leaveBudget(gate, null);
  });
});
