import { describe, expect, test } from "vitest";
import type { Strategy } from "#lib/db/schema/strategies";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { chat, failure } from "#lib/testing/upstream/scenario";

const gate = await testGateway({
  models: [{ name: "m", upstreamModel: "a", rates: { inputPerMtok: "1", outputPerMtok: "10" } }],
  rules: [
    { model: "a", scenario: chat({ text: "a" }) },
    { model: "b", scenario: chat({ text: "b" }) },
    { model: "busy", scenario: failure(429, "rate_limited", "Slow down.") },
  ],
});

/** The other target: input is expensive there, and output is not. */
const [price] = await gate.sql`
  INSERT INTO price_versions (source, origin, rates, digest)
  VALUES ('manual', 'test', ${gate.sql.json({ inputPerMtok: "10", outputPerMtok: "1" })}, '\\x01') RETURNING id`;
await gate.sql`
  INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
  SELECT model_id, provider_id, 'b', ${price?.id}, 1 FROM model_targets`;

async function choose(strategy: Strategy, weights: { a: number; b: number } = { a: 1, b: 1 }) {
  await gate.sql`UPDATE models SET strategy = ${strategy}`;
  for (const [name, weight] of Object.entries(weights))
    await gate.sql`UPDATE model_targets SET weight = ${weight} WHERE upstream_model = ${name}`;
}

async function ask(body: object = {}) {
  const response = await gate.chat({
    model: "m",
    max_tokens: 50,
    messages: [{ role: "user", content: "Hello!" }],
    ...body,
  });
  await response.text();
  const { upstream_model: target, hold_usd: heldUsd } = await gate.rowOf(response);
  return { status: response.status, target: String(target), heldUsd: Number(heldUsd) };
}

async function targetsOf(requests: number, body?: object): Promise<string> {
  const targets: string[] = [];
  for (let request = 0; request < requests; request++) targets.push((await ask(body)).target);
  return targets.join("");
}

test("a target that another replica removes gets no request from then on", async () => {
  await choose("priority");
  expect(await targetsOf(1)).toBe("a");
  await gate.sql`UPDATE model_targets SET enabled = false WHERE upstream_model = 'a'`;
  expect(await targetsOf(2)).toBe("bb");
  await gate.sql`UPDATE model_targets SET enabled = true WHERE upstream_model = 'a'`;
  expect(await targetsOf(1)).toBe("a");
  await gate.sql`UPDATE models SET enabled = false`;
  const response = await gate.chat({ model: "m", messages: [{ role: "user", content: "Hello!" }] });
  expect(response.status).toBe(404);
  await gate.sql`UPDATE models SET enabled = true`;
});

describe("a model's strategy", () => {
  test("priority asks the first", async () => {
    await choose("priority");
    expect(await targetsOf(3)).toBe("aaa");
  });

  test("round_robin asks each in turn", async () => {
    await choose("round_robin");
    expect(["abab", "baba"]).toContain(await targetsOf(4));
  });

  test("weighted asks each by its weight", async () => {
    await choose("weighted", { a: 0, b: 1 });
    expect(await targetsOf(3)).toBe("bbb");
    await choose("weighted", { a: 1, b: 0 });
    expect(await targetsOf(3)).toBe("aaa");
  });

  test("cheapest compares what this request costs, and holds for the most expensive", async () => {
    await choose("cheapest");
    expect((await ask({ max_tokens: 500 })).target).toBe("b");
    const long = await ask({ max_tokens: 5, messages: [{ role: "user", content: "word ".repeat(1_000) }] });
    expect(long.target).toBe("a");
    expect(long.heldUsd).toBeGreaterThan(0.01);
  });

  test("least_latency asks the one whose first content comes soonest", async () => {
    await choose("least_latency");
    await targetsOf(2);
    const { targets, routing } = gate.gateway;
    for (const { target } of (await routing()).byName.get("m")?.all.routes ?? []) {
      for (let answer = 0; answer < 30; answer++)
        targets.noteFirstContent(target, false, target.upstreamModel === "a" ? 60_000 : 1);
    }
    expect(await targetsOf(2)).toBe("bb");
  });

  test("passes on to the next when the chosen one fails", async () => {
    await choose("weighted", { a: 0, b: 1 });
    await gate.sql`UPDATE model_targets SET upstream_model = 'busy' WHERE upstream_model = 'b'`;
    expect(await ask()).toMatchObject({ status: 200, target: "a" });
  });
});
