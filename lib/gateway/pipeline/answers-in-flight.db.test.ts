import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { answerBytes } from "#lib/gateway/ports/answer-bytes";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import type { Rule, Scenario } from "#lib/testing/upstream/scenario";

const MB = 1024 * 1024;
const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
const ANSWER_BYTES = 4 * MB;
const choice = {
  index: 0,
  message: { role: "assistant", content: "a".repeat(ANSWER_BYTES) },
  finish_reason: "stop",
};
const body = JSON.stringify({ choices: [choice], usage });
const scenario: Scenario = {
  content: { kind: "raw", status: 200, headers: { "content-type": "application/json" }, body },
};
const gate = await testGateway({
  models: [{ name: "large", rates: { inputPerMtok: "2", outputPerMtok: "8" } }],
  rules: [{ model: "large", scenario }] satisfies Rule[],
});

/** The most that is counted while `run` is under way, with these limits in place of those of the process. */
async function mostCounted(limits: { callerBytes: number; processBytes: number }, run: () => Promise<void>) {
  const answers = answerBytes(limits);
  gate.gateway.answers = answers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, answers.total());
  }, 1);
  await run().finally(() => clearInterval(watch));
  return { most, left: answers.total() };
}

const ask = (stream = false) =>
  gate.chat({ model: "large", messages: [{ role: "user", content: "Hi" }], max_tokens: 50, stream });

describe("large answers in flight", () => {
  const { answers } = gate.gateway;
  afterEach(() => {
    gate.gateway.answers = answers;
  });

  test.each([false, true])(
    "of a caller are read one by one beyond a limit (streamed: %s)",
    async (stream) => {
      const { most, left } = await mostCounted({ callerBytes: 2 * MB, processBytes: 100 * MB }, async () => {
        const asked = Array.from({ length: 8 }, () => ask(stream));
        // Meanwhile, clients read nothing, and what is not read on may arrive.
        await Promise.race(asked);
        await sleep(500);
        const texts = await Promise.all(asked.map(async (answer) => (await answer).text()));
        for (const text of texts) expect(text.length).toBeGreaterThan(ANSWER_BYTES);
      });
      // A limit's worth that waits for clients, one that crossed it, one that is read, and the first piece of each other.
      expect(most).toBeLessThan(6 * ANSWER_BYTES);
      expect(left).toBe(0);
    },
  );

  test("are given up, and charged, if the process has no room for them", async () => {
    const { left } = await mostCounted({ callerBytes: 100 * MB, processBytes: 2 * MB }, async () => {
      const answer = await ask();
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ error: { code: "service_unavailable" } });
      const row = await gate.settledRow(answer.headers.get("x-request-id"));
      expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
    });
    expect(left).toBe(0);
  });

  test("take room until a slow client has them or is gone", async () => {
    const { left } = await mostCounted({ callerBytes: 100 * MB, processBytes: 100 * MB }, async () => {
      const url = `${gate.url}/chat/completions`;
      const headers = { authorization: `Bearer ${gate.seeded.apiKey}`, "content-type": "application/json" };
      const asking = request(url, { method: "POST", headers });
      asking.end(
        JSON.stringify({ model: "large", messages: [{ role: "user", content: "Hi" }], max_tokens: 50 }),
      );
      await new Promise((resolve) => asking.once("response", resolve));
      expect(gate.gateway.answers.total()).toBeGreaterThan(ANSWER_BYTES);
      asking.destroy();
      await expect.poll(() => gate.gateway.answers.total()).toBe(0);
    });
    expect(left).toBe(0);
  });
});
