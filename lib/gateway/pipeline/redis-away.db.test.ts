import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "#lib/gateway/testing/test-gateway";
import { startRedis, type TestRedis } from "#lib/limits/testing/redis-server";
import { expectPrompt, stopwatch } from "#lib/testing/promptness";

let gate: TestGateway;
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
  gate = await startTestGateway({ models: [{ name: "instant" }], limits: { REDIS_URL: redis.url } });
});
afterAll(async () => {
  await gate.close();
  await redis.kill();
});

async function policy(failureMode: "fail_closed" | "fail_open", requestsPerMinute: number | null) {
  const rates = requestsPerMinute === null ? null : gate.sql.json({ requests_per_minute: requestsPerMinute });
  await gate.sql`
    UPDATE organizations SET failure_mode = ${failureMode}, rate_limits = ${rates}
    WHERE id = ${gate.seeded.ids.organization}`;
  // A caller that was read less than that ago is not read again only to be refused.
  await new Promise((resolve) => setTimeout(resolve, 250));
}
const ask = () => gate.chat({ model: "instant", messages: [{ role: "user", content: "Hello!" }] });
const statusSoon = async () => (await ask()).status;

describe("while Redis is unavailable", () => {
  beforeEach(async () => {
    await redis.kill();
    await redis.start();
    await policy("fail_closed", 1000);
    await expect.poll(statusSoon, { timeout: 15_000 }).toBe(200);
  });

  test.each([
    ["gone", () => redis.kill(), () => redis.start()],
    ["frozen", async () => redis.freeze(), async () => redis.thaw()],
  ])(
    "(%s) fail_closed rejects immediately, and serves again after recovery",
    async (_, takeAway, bringBack) => {
      await takeAway();
      const tookMs: number[] = [];
      for (let times = 0; times < 5; times++) {
        const took = stopwatch();
        const refused = await ask();
        expect(refused.status).toBe(503);
        expect((await refused.json()).error).toMatchObject({
          code: "service_unavailable",
          type: "server_error",
        });
        expect(refused.headers.get("retry-after")).toBe("1");
        expect(refused.headers.get("x-ratelimit-limit-requests")).toBeNull();
        tookMs.push(took());
      }
      // 250 ms of waiting, and what a request takes.
      expectPrompt(tookMs, 600);
      await bringBack();
      await expect.poll(statusSoon, { timeout: 15_000 }).toBe(200);
    },
  );

  test("fail_open continues within the replica's own window", async () => {
    await policy("fail_open", 3);
    await redis.kill();
    const answers = await Promise.all(Array.from({ length: 10 }, ask));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get("x-ratelimit-limit-requests")).toBe("3");
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("a caller without limits notices nothing", async () => {
    await policy("fail_closed", null);
    await redis.kill();
    expect((await ask()).status).toBe(200);
  });

  test("finishes and settles an answer that began before", async () => {
    await policy("fail_closed", null);
    await gate.sql`
      UPDATE api_keys SET rate_limits = '{"tokens_per_minute": 100000}' WHERE id = ${gate.seeded.ids.apiKey}`;
    gate.upstream.requests.length = 0;
    const asked = gate.chat({
      model: "instant",
      messages: [{ role: "user", content: "Hello!" }],
      stream: true,
    });
    await expect.poll(() => gate.upstream.requests.length).toBe(1);
    await redis.kill();
    const answer = await asked;
    expect(await answer.text()).toContain("[DONE]");
    expect(await gate.settledRow(answer.headers.get("x-request-id"))).toMatchObject({ status: "settled" });
  });
});
