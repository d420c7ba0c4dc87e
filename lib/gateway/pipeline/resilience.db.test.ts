import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { CLIENT_GONE, expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { modelsPlaying, restoreTimeouts, testGateway } from "#lib/gateway/testing/test-gateway";
import { MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { startFullBacklog } from "#lib/testing/full-backlog";
import { chat, failure, raw } from "#lib/testing/upstream/scenario";

const fails = failure(500, "server_error", "The server had an error.");
const isBusy = (seconds: string) =>
  failure(429, "rate_limit_exceeded", "Rate limit reached.", { "retry-after": seconds });
const isUnavailable = failure(503, "unavailable", "Try again.", { "retry-after": "1" });

const gate = await testGateway({
  ...modelsPlaying({ m: chat() }, { rates: MICRODOLLAR_RATES }),
  rules: [
    { model: "fails-once", scenario: [fails, chat()] },
    { model: "fails-twice", scenario: [fails, fails, chat()] },
    { model: "resets-once", scenario: [chat({}, {}, { does: "reset", at: "after_head" }), chat()] },
    { model: "busy-once", scenario: [isBusy("1"), chat()] },
    { model: "busy-long", scenario: isBusy("30") },
    { model: "unavailable-once", scenario: [isUnavailable, chat()] },
    { model: "blank-lines", scenario: { ...raw(200, {}, Array(400).fill("\n")), framing: { paceMs: 5 } } },
  ],
});
restoreTimeouts(gate);
beforeEach(() => {
  gate.upstream.requests.length = 0;
});

const asked = () => gate.upstream.requests.map(({ body }) => Object(body).model);

const messages = [{ role: "user", content: "Hello!" }];

async function ask(fields: object = {}) {
  const response = await gate.chat({ model: "m", messages, max_tokens: 600, ...fields });
  const text = await response.text();
  const row = await gate.rowOf(response);
  return { status: response.status, header: response.headers.get("x-tollgate-attempts"), text, row };
}

const outcomes = (row: { attempts?: { upstream_model: string; outcome: string }[] | null }) =>
  row.attempts?.map(({ upstream_model, outcome }) => `${upstream_model} ${outcome}`) ?? null;

describe("a target that fails", () => {
  test.each(["fails-once", "resets-once"])("is asked again (%s)", async (upstreamModel) => {
    await setTargets(gate, "m", [{ upstreamModel }], 1);
    const { status, header, row } = await ask();
    expect({ status, header }).toEqual({ status: 200, header: "2" });
    expect(outcomes(row)).toEqual([`${upstreamModel} failed`, `${upstreamModel} served`]);
    expect(row.dispatched_ms).toBeLessThanOrEqual(row.attempts[1].started_ms);
    await expectBalancedBooks(gate);
  });

  test("is asked as often as its model says, and then the next one is", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "fails-twice" }, { upstreamModel: "instant" }], 1);
    const { status, header, row } = await ask();
    expect({ status, header, asked: asked() }).toEqual({
      status: 200,
      header: "3",
      asked: ["fails-twice", "fails-twice", "instant"],
    });
    expect(row.attempts[0]).toEqual({
      provider: gate.seeded.providerName,
      upstream_model: "fails-twice",
      started_ms: expect.any(Number),
      latency_ms: expect.any(Number),
      http_status: 500,
      outcome: "failed",
      reason: "The provider answered with status 500.",
      cost_usd: "0",
    });
  });

  test("is asked again no sooner than it says", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "busy-once" }], 1);
    expect((await ask()).status).toBe(200);
    const [first, second] = gate.upstream.requests.map(({ receivedAtMs }) => receivedAtMs);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(950);
  });

  test("is asked again as if it was the only one if the others are down", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "unavailable-once" }, { upstreamModel: "cooled" }], 1);
    gate.gateway.breakers.cool(
      { providerId: gate.seeded.ids.provider, credentialId: "", upstreamModel: "cooled" },
      60_000,
    );
    expect((await ask()).status).toBe(200);
    expect(asked()).toEqual(["unavailable-once", "unavailable-once"]);
  });

  test("is not waited for if that takes long: the client is told the time", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "busy-long" }], 1);
    const { status, header } = await ask();
    expect({ status, header, asked: asked() }).toEqual({ status: 429, header: null, asked: ["busy-long"] });
  });

  test("is not asked again for an error about the request", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "status-400" }, { upstreamModel: "instant" }], 3);
    const { status, row } = await ask();
    expect({ status, asked: asked() }).toEqual({ status: 400, asked: ["status-400"] });
    expect(row.attempts).toMatchObject([{ outcome: "failed", http_status: 400, reason: "invalid_value" }]);
  });

  test("leaves nothing in the row of a request that it answers at once", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "instant" }], 1);
    const { header, row } = await ask();
    expect({ header, attempts: row.attempts }).toEqual({ header: null, attempts: null });
    expect(row.dispatched_ms).toBeLessThanOrEqual(row.latency_ms);
  });
});

describe("a target that takes too long", () => {
  test.each([
    ["stall-before-head", false],
    ["stall-before-head", true],
    ["stall-after-head", false],
    ["stall-after-head", true],
  ])("for its first content (%s, stream: %s) is left for the next", async (upstreamModel, stream) => {
    await setTargets(gate, "m", [{ upstreamModel, timeoutMs: 200 }, { upstreamModel: "instant" }], 1);
    const { status, text, row } = await ask({ stream });
    expect({ status, asked: asked() }).toEqual({ status: 200, asked: [upstreamModel, "instant"] });
    if (stream) expect(text).toMatch(/data: \[DONE\]\n\n$/);
    expect(outcomes(row)).toEqual([`${upstreamModel} failed`, "instant served"]);
    // It may have been billed.
    expect(Number(row.attempts[0].cost_usd)).toBeGreaterThan(0);
    expect(row.overrun_usd).toBe("0.000000000000");
    await expectBalancedBooks(gate);
  });

  test("to accept a connection is left for the next at once, and bills nothing", async () => {
    const { origin, close } = await startFullBacklog();
    onTestFinished(close);
    await setTargets(
      gate,
      "m",
      [{ upstreamModel: "full", connectTimeoutMs: 150 }, { upstreamModel: "instant" }],
      5,
    );
    const [full] = await gate.sql`
      INSERT INTO providers (name, type, base_url) VALUES ('full', 'openai-compatible', ${`${origin}/v1`}) RETURNING id`;
    await gate.sql`UPDATE model_targets SET provider_id = ${full?.id} WHERE upstream_model = 'full'`;
    await gate.gateway.routing({ fresh: true });
    const { status, row } = await ask();
    expect({ status, asked: asked() }).toEqual({ status: 200, asked: ["instant"] });
    expect(row.attempts).toMatchObject([
      {
        outcome: "failed",
        http_status: null,
        reason: "The provider did not accept a connection in time.",
        cost_usd: "0",
      },
      { outcome: "served" },
    ]);
  });

  test("for its first content is left for the next, though it sends blank lines meanwhile", async () => {
    const slow = { upstreamModel: "blank-lines", timeoutMs: 200 };
    await setTargets(gate, "m", [slow, { upstreamModel: "instant" }]);
    const { status, row } = await ask();
    expect({ status, asked: asked() }).toEqual({ status: 200, asked: ["blank-lines", "instant"] });
    expect(row.attempts[0].reason).toBe("The provider did not answer in time.");
  });

  test("between two parts of a whole answer is left for the next", async () => {
    const slow = { upstreamModel: "stall-mid-body", idleTimeoutMs: 200 };
    await setTargets(gate, "m", [slow, { upstreamModel: "instant" }]);
    expect((await ask()).status).toBe(200);
    expect(asked()).toEqual(["stall-mid-body", "instant"]);
  });

  test("after its first content breaks the stream, and no other is asked", async () => {
    const slow = { upstreamModel: "stall-mid-stream", idleTimeoutMs: 200 };
    await setTargets(gate, "m", [slow, { upstreamModel: "instant" }], 1);
    const { text, row } = await ask({ stream: true });
    expect(asked()).toEqual(["stall-mid-stream"]);
    expect(text).not.toContain("[DONE]");
    expect(outcomes(row)).toEqual(["stall-mid-stream failed"]);
    expect(row).toMatchObject({ error_code: "upstream_timeout", http_status: 504 });
  });

  test("is left when the request's time is over, though it goes on answering", async () => {
    Object.assign(gate.gateway, { requestTimeoutMs: 400 });
    await setTargets(gate, "m", [{ upstreamModel: "endless" }, { upstreamModel: "instant" }], 1);
    const { row } = await ask({ stream: true });
    expect(row).toMatchObject({ error_code: "upstream_timeout", http_status: 504 });
    expect(asked()).toEqual(["endless"]);
  });

  test("leaves no time for another, if the request's own is over", async () => {
    Object.assign(gate.gateway, { requestTimeoutMs: 300 });
    await setTargets(gate, "m", [{ upstreamModel: "stall-before-head" }, { upstreamModel: "instant" }], 1);
    expect((await ask()).status).toBe(504);
    expect(asked()).toEqual(["stall-before-head"]);
  });
});

describe("a target whose provider allows no more", () => {
  const spare = { upstreamModel: "instant" };
  test("requests at a time is passed over after a second", async () => {
    await setTargets(gate, "m", [
      { upstreamModel: "stall-before-head", timeoutMs: 1_500, maxConcurrent: 1 },
      spare,
    ]);
    const first = ask();
    await expect.poll(asked).toEqual(["stall-before-head"]);
    const { status, row } = await ask();
    expect(status).toBe(200);
    expect(row.attempts).toMatchObject([
      { outcome: "skipped", reason: "max_concurrent is reached" },
      { upstream_model: "instant", outcome: "served" },
    ]);
    expect((await first).status).toBe(200);
  });

  test("is left by a client that hangs up while it waits", async () => {
    await setTargets(gate, "m", [spare]);
    const client = new AbortController();
    const { rooms } = gate.gateway;
    const { enter } = rooms;
    rooms.enter = async (_route, _tokens, waitMs, gone) => {
      client.abort();
      await new Promise<void>((resolve) => gone.onCancel(resolve));
      return { isFull: true, reason: "max_concurrent is reached", waitMs };
    };
    onTestFinished(() => {
      rooms.enter = enter;
    });
    await expect(gate.chat({ model: "m", messages }, { signal: client.signal })).rejects.toThrow();
    const newest = () =>
      gate.sql`SELECT id, status, http_status, error_code FROM ledger ORDER BY id DESC LIMIT 1`;
    await expect.poll(async () => (await newest())[0]).toMatchObject({ status: "released", ...CLIENT_GONE });
    expect(asked()).toEqual([]);
  });

  test("requests at a time is waited for, if one ends soon", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "slow-head", maxConcurrent: 1 }, spare]);
    expect((await Promise.all([ask(), ask()])).map(({ status }) => status)).toEqual([200, 200]);
    expect(asked()).toEqual(["slow-head", "slow-head"]);
  });

  test("requests a minute is passed over", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "minutely", requestsPerMinute: 1 }, spare]);
    await ask();
    expect(outcomes((await ask()).row)).toEqual(["minutely skipped", "instant served"]);
    expect(asked()).toEqual(["minutely", "instant"]);
  });

  test("tokens a minute is passed over; without another, it is a 429", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "tokenly", tokensPerMinute: 20 }]);
    expect((await ask()).status).toBe(200);
    const { status, text, row } = await ask();
    expect({ status, asked: asked() }).toEqual({ status: 429, asked: ["tokenly"] });
    expect(JSON.parse(text).error.code).toBe("upstream_rate_limited");
    expect(row).toMatchObject({ status: "released", cost_usd: "0.000000000000", dispatched_ms: null });
  });
});
