import { beforeEach, describe, expect, test, vi } from "vitest";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { HEAD_ONLY } from "#lib/gateway/testing/head-only";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { chat, wordsBySecond } from "#lib/testing/upstream/scenario";

const RATES = { inputPerMtok: "1", outputPerMtok: "1" };
const gate = await testGateway({
  models: ["instant", "overrun", "slow"].map((name) => ({ name, rates: RATES })),
  rules: [
    // A dollar, whatever was held.
    { model: "overrun", scenario: chat({ usage: { prompt_tokens: 500_000, completion_tokens: 500_000 } }) },
    { model: "slow", scenario: wordsBySecond },
  ],
  maxBodyBytes: 32 * 1024 * 1024,
});
const { gateway, sql } = gate;
const { ids } = gate.seeded;
const OWNERS = [
  ["api_keys", ids.apiKey],
  ["users", ids.user],
  ["organizations", ids.organization],
] as const;
type Owner = (typeof OWNERS)[number];

const hello = (fields: object = {}) =>
  gate.chat({
    model: "instant",
    messages: [{ role: "user", content: "Hello!" }],
    max_tokens: 16,
    ...fields,
  });

const allow = ([table, id]: Owner, usd: string | null) => sql`
  UPDATE ${sql(table)} SET budget_limit_usd = ${usd}, budget_period = ${usd === null ? null : "month"}
  WHERE id = ${id}`;
const limitRate = (limits: object | null) => sql`
  UPDATE api_keys SET rate_limits = ${limits === null ? null : sql.json({ ...limits })},
    max_concurrent = ${limits !== null && "max_concurrent" in limits ? 1 : null}
  WHERE id = ${ids.apiKey}`;

beforeEach(async () => {
  for (const owner of OWNERS) await allow(owner, null);
  await limitRate(null);
  await sql`UPDATE counters SET spent_usd = 0`;
  await sql`UPDATE api_keys SET revoked_at = NULL`;
});

const SPENT: [by: string, spend: (owner: Owner) => Promise<unknown>][] = [
  ["by its last request", async () => (await hello({ model: "overrun" })).text()],
  ["on another replica", ([, id]) => sql`UPDATE counters SET spent_usd = 1 WHERE scope_id = ${id}`],
  ["by a lower limit", (owner) => allow(owner, "0")],
];
const codeOf = (text = "{}"): unknown => JSON.parse(text).error?.code;

const BODIES: [body: string, framing: Record<string, string>][] = [
  ["of 30 MB", { "content-length": "30000000" }],
  ["of 100 bytes", { "content-length": "100" }],
  ["without a declared length", { "transfer-encoding": "chunked" }],
];

describe.each(HEAD_ONLY)("on the %s mount", (_, send) => {
  /** The answers to the heads of all bodies, sent at once. */
  const answersToHeads = async () => {
    const sent = BODIES.map(([, framing]) => send(gate, framing));
    const answers = await Promise.all(sent.map(({ answered }) => answered));
    const isLargeRead = sent[0]?.isBodyRead() ?? false;
    for (const { hangUp } of sent) hangUp();
    const found = BODIES.map(([body], at) => [body, answers[at]?.status, codeOf(answers[at]?.text)]);
    return { found, isLargeRead };
  };
  const all = (status: number, code: string) => BODIES.map(([body]) => [body, status, code]);

  describe.each(SPENT)("a budget that was spent %s rejects the next request by its head", (_, spend) => {
    test.each(OWNERS)("of %s", async (...owner) => {
      await allow(owner, "0.9");
      expect((await hello()).status).toBe(200);
      await spend(owner);
      const { found, isLargeRead } = await answersToHeads();
      expect(found).toEqual(all(429, "insufficient_quota"));
      expect(isLargeRead).toBe(false);
      expect(gateway.bodies.total()).toBe(0);
    });
  });

  test("a first budget of zero binds a caller that is known without one", async () => {
    expect((await hello()).status).toBe(200);
    await allow(["organizations", ids.organization], "0");
    expect((await answersToHeads()).found).toEqual(all(429, "insufficient_quota"));
  });

  test("a revoked key is rejected by the head, too", async () => {
    expect((await hello()).status).toBe(200);
    await sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${ids.apiKey}`;
    expect((await answersToHeads()).found).toEqual(all(401, "invalid_api_key"));
  });
});

describe.each(bothMounts(gate))("on the %s mount", (mount, send) => {
  const ask = async (content: string) => {
    const body = JSON.stringify({ model: "instant", messages: [{ role: "user", content }], max_tokens: 16 });
    const headers: Record<string, string> = { authorization: `Bearer ${gate.seeded.apiKey}` };
    // As Node's server passes it to Next; fetch sets it by itself.
    if (mount === "web") headers["content-length"] = String(body.length);
    return send("/v1/chat/completions", { method: "POST", headers, body });
  };

  test("a caller is read again for a large body, and not for one of 50 KB that is here", async () => {
    await allow(OWNERS[0], "5");
    expect((await ask("Hello!")).status).toBe(200);
    const find = vi.spyOn(gateway.callers, "find");
    const readAgain = () => find.mock.calls.filter(([, options]) => options?.fresh === true).length;
    for (let asked = 0; asked < 5; asked++) expect((await ask("x ".repeat(25_000))).status).toBe(200);
    expect(readAgain()).toBe(0);
    for (let asked = 0; asked < 5; asked++) expect((await ask("x ".repeat(50_000))).status).toBe(200);
    expect(readAgain()).toBe(5);
    find.mockRestore();
  });

  test("a spent budget takes precedence over a rate limit that is reached, too", async () => {
    await allow(OWNERS[1], "0.9");
    await limitRate({ requests_per_minute: mount === "node" ? 2 : 3 });
    for (let asked = 0; asked < 4; asked++) await (await ask("Hello!")).text();
    expect(await (await ask("Hello!")).text()).toContain("rate_limit_exceeded");
    await sql`UPDATE counters SET spent_usd = 1 WHERE scope_id = ${ids.user}`;
    expect(await (await ask("Hello!")).text()).toContain("insufficient_quota");
  });

  test("a spent budget takes precedence over a concurrency limit that is reached, too", async () => {
    await allow(OWNERS[1], "0.9");
    await limitRate({ max_concurrent: 1 });
    const first = new AbortController();
    const stream = await gate.chat(
      { model: "slow", messages: [{ role: "user", content: "Hello!" }], max_tokens: 1_000, stream: true },
      { signal: first.signal },
    );
    expect(stream.status).toBe(200);
    expect(await (await ask("Hello!")).text()).toContain("concurrency_limit_exceeded");
    await sql`UPDATE counters SET spent_usd = 1 WHERE scope_id = ${ids.user}`;
    expect(await (await ask("Hello!")).text()).toContain("insufficient_quota");
    first.abort();
    await gate.settledRow(stream.headers.get("x-request-id"));
  });
});
