// @own-process: it measures memory.

import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { UNFINISHED } from "#lib/gateway/testing/unfinished-body";

const MB = 1024 * 1024;
const gate = await testGateway({
  models: [{ name: "instant", rates: { inputPerMtok: "1", outputPerMtok: "1" } }],
  maxBodyBytes: 32 * MB,
});
const { gateway, sql } = gate;
const { ids } = gate.seeded;
const messages = [{ role: "user", content: "Hello!" }];

const SCOPES = [
  ["api_key", ids.apiKey],
  ["user", ids.user],
  ["organization", ids.organization],
] as const;

async function setBudget(scope: (typeof SCOPES)[number][0], usd: string | null, period = "month") {
  const id = new Map<string, string>(SCOPES).get(scope) ?? "";
  const set = sql`SET budget_limit_usd = ${usd}, budget_period = ${period} WHERE id = ${id}`;
  if (scope === "api_key") await sql`UPDATE api_keys ${set}`;
  else if (scope === "user") await sql`UPDATE users ${set}`;
  else await sql`UPDATE organizations ${set}`;
}

/** What a scope has spent in the month. */
async function spend(scope: (typeof SCOPES)[number], usd: string) {
  await sql`
    INSERT INTO counters (scope_type, scope_id, period, period_start, spent_usd)
    VALUES (${scope[0]}, ${scope[1]}, 'month', tollgate_period_start('month', now()), ${usd})
    ON CONFLICT (scope_id, period, period_start) DO UPDATE SET spent_usd = ${usd}`;
}

beforeEach(async () => {
  for (const [scope] of SCOPES) await setBudget(scope, null);
  await sql`UPDATE counters SET spent_usd = 0`;
  await sql`UPDATE api_keys SET revoked_at = NULL`;
});

describe.each(bothMounts(gate))("on the %s mount", (_, send) => {
  async function ask(body: unknown = { model: "instant", messages, max_tokens: 16 }) {
    const answer = await send("/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${gate.seeded.apiKey}` },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const { error }: { error?: { code: string; message: string } } = await answer.json();
    return { status: answer.status, error, headers: answer.headers };
  }

  test.each(SCOPES)(
    "a spent budget of the %s is insufficient_quota before a body error",
    async (...scope) => {
      await spend(scope, "5");
      await setBudget(scope[0], "5");
      const { status, error, headers } = await ask("not JSON");
      expect([status, error?.code]).toEqual([429, "insufficient_quota"]);
      expect(error?.message).toMatch(/monthly budget of your (key|user|organization) has \$0 left/);
      expect(headers.get("x-should-retry")).toBe("false");
    },
  );

  test.each([
    ["a body that is too large", "x".repeat(32 * MB + 1)],
    ["an unknown model", { model: "none", messages }],
    ["a model that costs nothing to ask for", { model: "instant", messages, max_tokens: 1 }],
  ])("it comes before what is wrong with %s, also just after it was spent", async (_, body) => {
    expect((await ask()).status).toBe(200);
    await spend(["user", ids.user], "5");
    await setBudget("user", "5");
    expect((await ask(body)).error?.code).toBe("insufficient_quota");
    expect((await ask(body)).error?.code).toBe("insufficient_quota");
  });

  test("what is wrong with the caller comes before it", async () => {
    await setBudget("user", "0");
    expect((await ask()).error?.code).toBe("insufficient_quota");
    await sql`UPDATE api_keys SET revoked_at = now()`;
    expect((await ask()).status).toBe(401);
  });

  test.each([
    ["a raised limit", () => setBudget("user", "6")],
    ["a removed budget", () => setBudget("user", null)],
    ["a refund", () => sql`UPDATE counters SET spent_usd = 0 WHERE scope_id = ${ids.user}`],
    ["another period", () => setBudget("user", "5", "day")],
  ])("%s binds the next request", async (_, change) => {
    await spend(["user", ids.user], "5");
    await setBudget("user", "5");
    for (let asked = 0; asked < 3; asked++) expect((await ask()).error?.code).toBe("insufficient_quota");
    await change();
    expect((await ask()).status).toBe(200);
  });

  test("a budget with anything left is no reason", async () => {
    await spend(["user", ids.user], "5");
    await setBudget("user", "5.000000000001");
    expect((await ask("not JSON")).error?.code).toBe("invalid_request");
    await setBudget("user", "5.01");
    expect((await ask()).status).toBe(200);
  });

  test("GET /v1/models places no hold and is answered", async () => {
    await setBudget("user", "0");
    const answer = await send("/v1/models", { headers: { authorization: `Bearer ${gate.seeded.apiKey}` } });
    expect(answer.status).toBe(200);
  });

  test("the rejection is counted like any other", async () => {
    await setBudget("user", "0");
    const counted = async () => {
      await gateway.rejections.flush();
      const [row] = await sql`SELECT coalesce(sum(rejections), 0)::int AS count FROM rejections_hourly
        WHERE code = 'insufficient_quota' AND user_id = ${ids.user}`;
      return Number(row?.count);
    };
    const before = await counted();
    await ask();
    await ask();
    expect(await counted()).toBe(before + 2);
  });

  test("a flood of rejected requests is a trickle of queries", async () => {
    await setBudget("user", "0");
    await ask();
    // A slow database, so that a slow machine does not make each arrive after the last was answered.
    const { within } = gateway.watch;
    const queries = vi.spyOn(gateway.watch, "within").mockImplementation(async (call, withinMs) => {
      await sleep(50);
      return within(call, withinMs);
    });
    const answers = await Promise.all(Array.from({ length: 300 }, () => ask()));
    const asked = queries.mock.calls.length;
    queries.mockRestore();
    expect(new Set(answers.map(({ error }) => error?.code))).toEqual(new Set(["insufficient_quota"]));
    expect(asked).toBeLessThan(150);
  });
});

describe.each(UNFINISHED)("on the %s mount", (_, send) => {
  test("60 unfinished bodies of 30 MB of a blocked key are rejected unread", async () => {
    await setBudget("api_key", "0");
    const before = process.memoryUsage.rss();
    const requests = Array.from({ length: 60 }, () => send(gate, gate.seeded.apiKey, 30_000_000));
    const answers = await Promise.all(
      requests.map(({ answered }) => Promise.race([answered, sleep(10_000, null)])),
    );
    expect(gateway.bodies.total()).toBe(0);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * MB);
    for (const answer of answers) {
      expect(answer?.status).toBe(429);
      expect(answer?.text).toContain("insufficient_quota");
    }
    for (const { hangUp } of requests) hangUp();
  });
});
