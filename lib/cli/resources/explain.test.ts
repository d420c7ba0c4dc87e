import { beforeEach, describe, expect, test } from "vitest";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();

const EXPLANATION = {
  scopes: [{ scope: "user", limit_usd: "10", spent_usd: "9.5", held_usd: "0.25", remaining_usd: "0.25" }],
  targets: [
    {
      provider: "openai",
      upstream_model: "gpt-5-mini",
      state: "closed",
      order: 1,
      reason: "priority 0",
      likely_cost_usd: "0.0001",
      price_version_id: "p",
    },
    {
      provider: "azure",
      upstream_model: "mini",
      state: "half_open",
      order: 2,
      reason: "was down; priority 1",
      likely_cost_usd: "0.0002",
      price_version_id: "p",
    },
  ],
  decision: {
    allowed: true,
    code: null,
    message: null,
    provider: "openai",
    upstream_model: "gpt-5-mini",
    hold_usd: "0.002",
  },
};
const ids = { model: "", key: "" };

beforeEach(async () => {
  server.clear();
  await run(["provider", "create", "p", "--type", "simulated"]);
  await run(["model", "create", "m", "--provider", "p"]);
  ids.model = server.rows("models")[0]?.id ?? "";
  ids.key = "0a1b2c3d-0000-4000-8000-000000000000";
  server.rows("api-keys").push({ id: ids.key, name: "laptop", key_prefix: "tg_live_abcd" });
});

/** Runs `model explain` with the server's answer to it. */
async function explain(args: readonly string[], answer: object = EXPLANATION, stdin = "") {
  const [models, keys] = [server.rows("models"), server.rows("api-keys")];
  server.next.push(...[models, keys].map((data) => ({ status: 200, body: { data, next_cursor: null } })));
  server.next.push({ status: 200, body: answer });
  const ran = await run(["model", "explain", "m", ...args], { stdin });
  server.next.length = 0;
  return { ...ran, asked: server.bodies.get(`POST /api/admin/v1/models/${ids.model}/explain`) };
}

describe("model explain", () => {
  test("shows the decision, the budgets and the order of targets", async () => {
    const { code, out, asked } = await explain(["--as", "laptop"]);
    expect(code).toBe(0);
    expect(asked).toEqual({
      api_key_id: ids.key,
      endpoint: "chat/completions",
      body: { messages: [{ role: "user", content: "Hello!" }] },
    });
    expect(out.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["decision", "allowed"],
      ["first sent to", "openai as gpt-5-mini"],
      ["held", "$0.002"],
      [""],
      ["BUDGET OF", "LIMIT", "SPENT", "HELD", "REMAINING"],
      ["user", "$10", "$9.5", "$0.25", "$0.25"],
      [""],
      ["ORDER", "PROVIDER", "MODEL", "BREAKER", "LIKELY COST", "REASON"],
      ["1", "openai", "gpt-5-mini", "closed", "$0.0001", "priority 0"],
      ["2", "azure", "mini", "half-open", "$0.0002", "was down; priority 1"],
      [""],
    ]);
  });

  test.each([
    [true, "$0.003 more"],
    [false, "no: a budget has no room"],
  ])("shows where it would go as well (fits: %s)", async (fits, held) => {
    const hedge = { after_ms: 500, provider: "azure", upstream_model: "mini", hold_usd: "0.003", fits };
    const { out } = await explain(["--as", "laptop"], { ...EXPLANATION, hedge });
    expect(out).toContain("azure as mini, after 500 ms\n");
    expect(out).toContain(`${held}\n`);
  });

  test("asks about any endpoint and body", async () => {
    const body = { input: "word", stream: true };
    const args = ["--as", "laptop", "--endpoint", "responses", "--body", "-"];
    expect((await explain(args, EXPLANATION, JSON.stringify(body))).asked).toMatchObject({
      endpoint: "responses",
      body,
    });
    expect((await explain(["--as", "laptop", "--endpoint", "messages"])).asked).toMatchObject({
      body: { max_tokens: 1_000 },
    });
    expect((await explain(args, EXPLANATION, "nonsense")).code).toBe(2);
  });

  test("says why a request would be rejected", async () => {
    const { decision, ...rest } = EXPLANATION;
    const rejected = {
      ...decision,
      allowed: false,
      code: "insufficient_quota",
      message: "The user's budget is used up.",
    };
    const { code, out } = await explain(["--as", "laptop"], { ...rest, decision: rejected });
    expect(code).toBe(0);
    expect(out).toMatch(/decision +rejected: insufficient_quota\nmessage +The user's budget is used up\.\n/);
    expect(out).not.toContain("sent to");
  });

  test("asks who would send it", async () => {
    expect(await run(["model", "explain", "m"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("--as or --app"),
    });
    expect((await run(["model", "explain", "m", "--as", "laptop", "--app", "a"])).code).toBe(2);
  });
});
