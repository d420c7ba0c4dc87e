import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { STRATEGIES } from "#lib/db/schema/strategies";
import type { BreakerState } from "#lib/gateway/routing/breaker";
import { explainChat } from "#lib/gateway/testing/explain-chat";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { chat, failure } from "#lib/testing/upstream/scenario";
import { type ExplainQuestion, explainRequest } from "./explain";

const TARGETS: readonly string[] = ["a", "b", "c"];
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const gate = await testGateway({
  models: [{ name: "m", upstreamModel: "a", rates: { inputPerMtok: "1", outputPerMtok: "1" } }],
  rules: TARGETS.flatMap((model) => [
    // A request names by its user the targets that fail.
    ...["a", "b", "c", "ab", "ac", "bc"]
      .filter((failing) => failing.includes(model))
      .map((user) => ({ model, body: { user }, scenario: failure(500, "server_error", "No.") })),
    { model, scenario: chat({ text: model, usage }) },
  ]),
});
const { sql, gateway, seeded } = gate;
for (const [name, rate] of [
  ["b", "2"],
  ["c", "3"],
] as const) {
  const rates = sql.json({ inputPerMtok: rate, outputPerMtok: rate });
  const [price] = await sql`
    INSERT INTO price_versions (source, origin, rates, digest) VALUES ('manual', 'test', ${rates}, ${Buffer.from(rate)})
    RETURNING id`;
  await sql`
    INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
    SELECT model_id, provider_id, ${name}, ${price?.id}, ${Number(rate)} FROM model_targets WHERE upstream_model = 'a'`;
}

const messages = [{ role: "user", content: "Hello!" }];

const explain = (body: object, question: Partial<ExplainQuestion> = {}) =>
  explainChat(gate, { model: "m", messages, ...body }, question);

async function ask(body: object) {
  const response = await gate.chat({ model: "m", messages, ...body });
  const { error }: { error?: { code: string } } = await response.json();
  const row = response.ok ? await gate.rowOf(response) : null;
  return {
    allowed: response.ok,
    code: error?.code ?? null,
    upstream_model: row?.upstream_model ?? null,
    holdUsd: row === null ? null : Number(row.hold_usd),
    tried: triedIn(row),
  };
}

type Row = { upstream_model: string; attempts: { upstream_model: string; outcome: string }[] | null };

/** The targets that a request was sent to, in turn. */
function triedIn(row: Partial<Row> | null) {
  if (row === null) return [];
  const sent = row.attempts?.filter(({ outcome }) => outcome !== "skipped") ?? [row];
  return sent.map(({ upstream_model }) => upstream_model);
}

/** What happens to a request, which a target is expected to serve. */
async function decisionOf(body: object, target: string) {
  const { allowed, upstream_model } = await ask(body);
  expect(upstream_model).toBe(target);
  return { allowed, upstream_model };
}

/** Everything that a request changes. */
async function world() {
  const [ledger] = await sql`SELECT count(*)::int AS rows FROM ledger`;
  const counters = await sql`SELECT id, spent_usd, held_usd FROM counters ORDER BY id`;
  return { ledger, counters, sent: gate.upstream.requests.length };
}

beforeEach(async () => {
  await leaveBudget(gate, null);
  await sql`UPDATE models SET strategy = 'priority', enabled = true`;
});

describe("an explanation", () => {
  test("is what then happens, and changes nothing", async () => {
    await sql`UPDATE models SET retries = 0`;
    const breakers = { ...gateway.breakers };
    onTestFinished(() => {
      Object.assign(gateway.breakers, breakers);
    });
    Object.assign(gateway.breakers, { takeProbe: () => true, noteFailure: () => {}, noteNothing: () => {} });
    const body = fc.record({
      max_tokens: fc.constantFrom(5, 200, 5_000),
      // A draw is the same for a conversation.
      prompt_cache_key: fc.constantFrom("one", "two", "three"),
      temperature: fc.constantFrom(1, undefined),
      n: fc.constantFrom(1, 0, undefined),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...STRATEGIES),
        fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
        fc.constantFrom(null, "1", "0.0004", "0.00001"),
        fc.array(fc.constantFrom<BreakerState>("closed", "half_open", "open"), {
          minLength: 3,
          maxLength: 3,
        }),
        fc.subarray([...TARGETS], { maxLength: 2 }),
        body,
        async (strategy, weights, budgetUsd, states, failing, fields) => {
          const stateOf = ({ upstreamModel }: { upstreamModel: string }) =>
            states[TARGETS.indexOf(upstreamModel)] ?? "closed";
          Object.assign(gateway.breakers, { stateOf, seenState: stateOf });
          const asked = { ...fields, user: failing.join("") };
          await sql`UPDATE models SET strategy = ${strategy}`;
          for (const [at, name] of ["a", "b", "c"].entries())
            await sql`UPDATE model_targets SET weight = ${weights[at] ?? 0} WHERE upstream_model = ${name}`;
          await leaveBudget(gate, budgetUsd);
          const before = await world();
          const { decision, targets } = await explain(asked);
          expect(await world()).toEqual(before);
          const order = targets.map(({ upstream_model }) => upstream_model);
          const served = decision.allowed ? order.findIndex((name) => !asked.user.includes(name)) : -1;
          const holdUsd = decision.hold_usd === null ? null : Number(decision.hold_usd);
          expect({
            allowed: decision.allowed,
            code: decision.code,
            upstream_model: order[served] ?? null,
            holdUsd,
            tried: order.slice(0, served + 1),
          }).toEqual(await ask(asked));
          expect(decision.upstream_model).toBe(decision.allowed ? order[0] : null);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("names the scopes, what is left of them, and each target's place, reason and cost", async () => {
    await leaveBudget(gate, "0.5");
    await sql`UPDATE models SET strategy = 'cheapest'`;
    const { scopes, targets, decision } = await explain({ max_tokens: 100 });
    expect(scopes).toMatchObject([{ scope: "user", held_usd: "0", remaining_usd: "0.5" }]);
    expect(targets.map(({ upstream_model, order, state }) => [upstream_model, order, state])).toEqual([
      ["a", 1, "closed"],
      ["b", 2, "closed"],
      ["c", 3, "closed"],
    ]);
    for (const { reason, likely_cost_usd } of targets)
      expect(reason).toBe(`likely costs $${likely_cost_usd}`);
    expect(decision).toMatchObject({ allowed: true, upstream_model: "a" });
  });

  test("has the budgets of the organization, the user and the key, and of an app its organization's", async () => {
    const { apiKey, organization } = seeded.ids;
    const budgets = (limitUsd: string | null) => [
      sql`UPDATE organizations SET budget_limit_usd = ${limitUsd}, budget_period = 'day' WHERE id = ${organization}`,
      sql`UPDATE api_keys SET budget_limit_usd = ${limitUsd}, budget_period = 'total' WHERE id = ${apiKey}`,
    ];
    await Promise.all(budgets("2"));
    await leaveBudget(gate, "1");
    const [app] = await sql`
      INSERT INTO apps (organization_id, name, external_id, secret_hash)
      VALUES (${organization}, 'CRM', 'crm', ${gate.hashSecret("s")}) RETURNING id`;
    const ofKey = await explain({ max_tokens: 10 });
    expect(ofKey.scopes.map(({ scope }) => scope).toSorted()).toEqual(["api_key", "organization", "user"]);
    expect(ofKey.decision).toMatchObject({ allowed: true });
    const ofApp = await explain({ max_tokens: 10 }, { caller: { appId: app?.id } });
    expect(ofApp.scopes).toMatchObject([{ scope: "organization", limit_usd: "2" }]);
    expect(ofApp.decision).toMatchObject({ allowed: true });
    await Promise.all(budgets("0.000001"));
    for (const caller of [{ apiKeyId: apiKey }, { appId: app?.id }])
      expect((await explain({ max_tokens: 10 }, { caller })).decision).toMatchObject({
        allowed: false,
        code: "insufficient_quota",
      });
    await Promise.all(budgets(null));
  });

  test("tells targets that are down, and that others are asked before them", async () => {
    const { seenState } = gateway.breakers;
    gateway.breakers.seenState = (target) => (target.upstreamModel === "a" ? "open" : seenState(target));
    const { targets, decision } = await explain({});
    gateway.breakers.seenState = seenState;
    expect(decision.upstream_model).toBe("b");
    expect(targets.at(-1)).toMatchObject({ upstream_model: "a", state: "open", reason: "down; priority 0" });
  });

  test("leaves the probe of a target that is down to requests", async () => {
    const { breakers } = gateway;
    const probes = () => sql`SELECT probe_after FROM target_states`;
    await sql`SELECT tollgate_target_down_v1(${seeded.ids.provider}, '', 'a', 'it failed')`;
    await sql`UPDATE target_states SET probe_after = now() - interval '1 second'`;
    const before = await probes();
    await breakers.sync();
    await breakers.sync();
    expect((await explain({})).decision.upstream_model).toBe("b");
    await breakers.idle();
    expect(await probes()).toEqual(before);
    await sql`DELETE FROM target_states`;
    await breakers.sync();
    await breakers.sync();
  });

  test("passes over targets whose providers allow no more, which it takes nothing of", async () => {
    const only = (limit: number | null, name: string) =>
      sql`UPDATE model_targets SET requests_per_minute = ${limit} WHERE upstream_model = ${name}`;
    await only(1, "a");
    expect((await explain({})).decision.upstream_model).toBe("a");
    expect((await explain({})).decision).toMatchObject(await decisionOf({}, "a"));
    const { targets, decision } = await explain({});
    expect(targets[0]?.reason).toBe("priority 0; requests_per_minute is reached");
    expect(decision).toMatchObject(await decisionOf({}, "b"));
    for (const name of ["b", "c"]) await only(1, name);
    await Promise.all([ask({}), ask({})]);
    const rejected = { allowed: false, code: "upstream_rate_limited" };
    expect((await explain({})).decision).toMatchObject(rejected);
    expect(await ask({})).toMatchObject(rejected);
    for (const name of ["a", "b", "c"]) await only(null, name);
  });

  test.each([
    ["a budget that does not cover it", { max_tokens: 5 }, "insufficient_quota"],
    ["what the body has", { max_tokens: -1 }, "invalid_request"],
    ["a model that does not exist", { model: "gone" }, "model_not_found"],
  ])("says that it would be rejected for %s", async (_, body, code) => {
    if (code === "insufficient_quota") await leaveBudget(gate, "0.000001");
    const { decision } = await explain(body);
    expect(decision).toMatchObject({ allowed: false, code, message: expect.any(String), hold_usd: null });
  });

  test("looks at rate windows without taking from them", async () => {
    await sql`UPDATE api_keys SET rate_limits = ${sql.json({ requests_per_minute: 1 })}`;
    for (let time = 0; time < 3; time++) expect((await explain({})).decision.allowed).toBe(true);
    await ask({});
    expect((await explain({})).decision).toMatchObject({ allowed: false, code: "rate_limit_exceeded" });
    await sql`UPDATE api_keys SET rate_limits = NULL`;
  });

  test("says what is not known of the question", async () => {
    const question = { caller: { apiKeyId: seeded.ids.apiKey }, endpoint: "nowhere", body: "{}" };
    expect(await explainRequest(gateway, question)).toMatchObject({ unknown: "endpoint" });
    const unknown = { caller: { appId: seeded.ids.user }, endpoint: "messages", body: "{}" };
    expect(await explainRequest(gateway, unknown)).toMatchObject({ unknown: "caller" });
  });

  test("of a revoked key is its rejection", async () => {
    await sql`UPDATE api_keys SET revoked_at = now()`;
    expect((await explain({})).decision).toMatchObject({ allowed: false, code: "invalid_api_key" });
    await sql`UPDATE api_keys SET revoked_at = NULL`;
  });
});
