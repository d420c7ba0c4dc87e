import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBreakers } from "#lib/gateway/routing/breakers";
import { sharedBreakers } from "#lib/gateway/routing/shared-breakers";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { chat, failure } from "#lib/testing/upstream/scenario";

const fails = failure(500, "server_error", "The server had an error.");
const gate = await testGateway({
  ...modelsPlaying({ m: chat() }, { rates: MICRODOLLAR_RATES, contextWindow: 100_000 }),
  rules: [
    { model: "dead", body: { user: "healed" }, scenario: chat() },
    { model: "dead", scenario: fails },
    {
      model: "dies",
      body: { stream: true },
      scenario: chat({ chunks: 10 }, {}, { does: "reset", at: { afterWrites: 4 } }),
    },
    {
      model: "dies",
      scenario: chat({}, { writeBytes: 100, paceMs: 1 }, { does: "reset", at: { afterWrites: 2 } }),
    },
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

test("requests that a provider rejects as wrong open nothing", async () => {
  await setTargets(gate, "m", [{ upstreamModel: "status-400" }, { upstreamModel: "instant" }]);
  for (let times = 0; times < 12; times++) expect((await ask()).status).toBe(400);
  expect(breakers.stateOf(targetOf("status-400"))).toBe("closed");
  expect(await events()).toEqual([]);
});

describe("a storm over a target that fails, one that stalls, one that dies, one that is busy and a healthy one", () => {
  const ENDS: Record<string, RegExp> = {
    "chat/completions": /data: \[DONE\]\n\n$/,
    messages: /event: message_stop\n[^\n]*\n\n$/,
    responses: /"type":\s?"response\.completed".*\n\n$/,
  };
  const bodyFor = (endpoint: string, stream: boolean) =>
    endpoint === "responses"
      ? { model: "m", input: "Hello!", max_output_tokens: 50, stream }
      : { model: "m", messages, max_tokens: 50, stream };

  /** Asks, and says what is wrong with the answer; null: nothing. */
  async function fault(endpoint: string, stream: boolean): Promise<string | null> {
    const response = await gate.post(endpoint, bodyFor(endpoint, stream));
    const text = await response.text();
    if (response.status !== 200) return `${response.status}: ${text}`;
    const row = await gate.rowOf(response);
    const last = row.attempts?.at(-1);
    const hasContent = stream && last?.upstream_model === "dies" && last.outcome === "failed";
    if (stream ? !ENDS[endpoint]?.test(text) && !hasContent : !text.includes('"usage"')) return text;
    return null;
  }

  test("fails no request that has no content yet, and charges what was used", async () => {
    await leaveBudget(gate, "5");
    await setTargets(
      gate,
      "m",
      [
        { upstreamModel: "status-500", timeoutMs: 400 },
        { upstreamModel: "stall-after-head", timeoutMs: 400 },
        { upstreamModel: "dies", timeoutMs: 400 },
        { upstreamModel: "status-429", timeoutMs: 400 },
        { upstreamModel: "instant", timeoutMs: 20_000 },
      ],
      1,
    );
    await gate.sql`UPDATE models SET strategy = 'round_robin'`;
    await gate.gateway.routing({ fresh: true });
    const kinds = Object.keys(ENDS).flatMap((endpoint) =>
      [true, false].map((stream) => ({ endpoint, stream })),
    );
    const faults: string[] = [];
    for (let round = 0; round < 4; round++) {
      const answers = kinds
        .flatMap((kind) => [kind, kind, kind])
        .map(({ endpoint, stream }) => fault(endpoint, stream));
      for (const found of await Promise.all(answers)) if (found !== null) faults.push(found);
    }
    expect(faults).toEqual([]);
    await expectBalancedBooks(gate);
    const rows = await gate.sql`
      SELECT l.cost_usd = (SELECT sum((a ->> 'cost_usd')::numeric) FROM jsonb_array_elements(l.attempts) AS a) AS exact,
        l.cost_usd <= l.hold_usd AS covered, l.overrun_usd::float8 AS overrun
      FROM ledger l WHERE l.attempts IS NOT NULL`;
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter(({ exact, covered, overrun }) => !exact || !covered || overrun !== 0)).toEqual([]);
    expect(new Set(asked())).toEqual(
      new Set(["status-500", "stall-after-head", "dies", "status-429", "instant"]),
    );
  });
});
