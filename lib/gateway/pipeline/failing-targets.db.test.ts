import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBreakers } from "#lib/gateway/routing/breakers";
import { sharedBreakers } from "#lib/gateway/routing/shared-breakers";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { chat, failure } from "#lib/testing/upstream/scenario";

const fails = failure(500, "server_error", "The server had an error.");
const TOO_LARGE =
  "Request too large for small on tokens per min (TPM): Limit 30000, Requested 61337. The input or output tokens must be reduced.";
const gate = await testGateway({
  ...modelsPlaying({ m: chat() }, { rates: MICRODOLLAR_RATES, contextWindow: 100_000 }),
  rules: [
    { model: "dead", body: { user: "healed" }, scenario: chat() },
    { model: "dead", scenario: fails },
    {
      model: "forbidden",
      scenario: failure(
        403,
        "content_violation",
        "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
      ),
    },
    { model: "too-long", scenario: failure(413, "request_too_large", "The request is too large.") },
    { model: "unprocessable", scenario: failure(422, "invalid_value", "messages: Input should be a list.") },
    { model: "small", scenario: failure(429, "rate_limit_exceeded", TOO_LARGE, { "retry-after": "60" }) },
  ],
});
const { breakers } = gate.gateway;
beforeEach(() => {
  gate.upstream.requests.length = 0;
});
afterEach(async () => {
  await breakers.idle();
  await gate.sql`DELETE FROM target_states`;
  await gate.sql`DELETE FROM events`;
  // A reading that is under way may be from before.
  await breakers.sync();
  await breakers.sync();
});

const messages = [{ role: "user", content: "Hello!" }];
const asked = () => gate.upstream.requests.map(({ body }) => Object(body).model);
async function ask(fields: object = {}) {
  const response = await gate.chat({ model: "m", messages, max_tokens: 100, ...fields });
  await response.text();
  return { status: response.status, row: await gate.rowOf(response) };
}
const targetOf = (upstreamModel: string) => ({
  providerId: gate.seeded.ids.provider,
  credentialId: "",
  upstreamModel,
});
/** What two other replicas know, which serve no request. */
const others = () =>
  [1, 2].map(() => {
    const { sql, watch } = gate.gateway;
    return createBreakers(sharedBreakers({ sql, watch }), (error) => {
      throw error;
    });
  });
const events = async () => {
  const rows = await gate.sql`SELECT type, data FROM events ORDER BY created_at`;
  return rows.map(({ type, data }) => ({ type, ...data }));
};

describe("a dead target", () => {
  beforeEach(async () => {
    await setTargets(gate, "m", [{ upstreamModel: "dead" }, { upstreamModel: "instant" }]);
    for (let times = 0; times < 5; times++) expect((await ask()).status).toBe(200);
    await breakers.idle();
  });

  test("is passed over after five failures, on every replica, and the row says so", async () => {
    gate.upstream.requests.length = 0;
    const { status, row } = await ask();
    expect({ status, asked: asked() }).toEqual({ status: 200, asked: ["instant"] });
    expect(row.attempts).toMatchObject([
      { upstream_model: "dead", outcome: "skipped", reason: "it is down", cost_usd: "0" },
      { upstream_model: "instant", outcome: "served" },
    ]);
    for (const replica of others()) {
      await replica.sync();
      expect(replica.stateOf(targetOf("dead"))).toBe("open");
      expect(replica.stateOf(targetOf("instant"))).toBe("closed");
    }
    expect(await events()).toMatchObject([
      {
        type: "target.down",
        provider: gate.seeded.providerName,
        upstream_model: "dead",
        credential: null,
        reason: "The provider answered with status 500.",
      },
    ]);
  });

  test("gets one request when it may be up again, and serves all once that is answered", async () => {
    await gate.sql`UPDATE target_states SET probe_after = now()`;
    await breakers.sync();
    await expect.poll(() => breakers.stateOf(targetOf("dead"))).toBe("half_open");
    gate.upstream.requests.length = 0;
    const both = await Promise.all([ask({ user: "healed" }), ask({ user: "healed" })]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(asked().toSorted()).toEqual(["dead", "instant"]);
    await breakers.idle();
    const [replica] = others();
    await replica?.sync();
    expect([breakers.stateOf(targetOf("dead")), replica?.stateOf(targetOf("dead"))]).toEqual([
      "closed",
      "closed",
    ]);
    expect((await events()).map(({ type }) => type)).toEqual(["target.down", "target.up"]);
  });

  test("is asked all the same if no other target is left", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "dead" }]);
    expect((await ask({ user: "healed" })).status).toBe(200);
  });
});

test.each([
  ["status-400", 400],
  ["too-long", 413],
  ["unprocessable", 422],
  ["forbidden", 403],
])("requests that a provider rejects as wrong (%s) open nothing", async (upstreamModel, status) => {
  await setTargets(gate, "m", [{ upstreamModel }, { upstreamModel: "instant" }]);
  for (let times = 0; times < 12; times++) expect((await ask()).status).toBe(status);
  expect(breakers.stateOf(targetOf(upstreamModel))).toBe("closed");
  expect(await events()).toEqual([]);
});

test("a request that is larger than what a provider allows in a minute rests no target", async () => {
  await setTargets(gate, "m", [{ upstreamModel: "small" }, { upstreamModel: "instant" }], 1);
  expect((await ask()).status).toBe(200);
  expect(asked()).toEqual(["small", "instant"]);
  expect(breakers.stateOf(targetOf("small"))).toBe("closed");
});

test("a target that goes down while a request is at another is passed over", async () => {
  await setTargets(gate, "m", [
    { upstreamModel: "stall-before-head", timeoutMs: 300 },
    { upstreamModel: "status-503" },
    { upstreamModel: "instant" },
  ]);
  const answer = ask();
  await expect.poll(asked).toEqual(["stall-before-head"]);
  breakers.cool(targetOf("status-503"), 60_000);
  expect((await answer).status).toBe(200);
  expect(asked()).toEqual(["stall-before-head", "instant"]);
  expect((await answer).row.attempts).toMatchObject([
    { upstream_model: "stall-before-head", outcome: "failed" },
    { upstream_model: "status-503", outcome: "skipped", reason: "it is down" },
    { upstream_model: "instant", outcome: "served" },
  ]);
});

test("a target that went down meanwhile is asked all the same if no other is left", async () => {
  await setTargets(gate, "m", [
    { upstreamModel: "stall-before-head", timeoutMs: 300 },
    { upstreamModel: "cooled" },
  ]);
  const answer = ask();
  await expect.poll(asked).toEqual(["stall-before-head"]);
  breakers.cool(targetOf("cooled"), 60_000);
  expect((await answer).status).toBe(200);
});
