import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeUpstream, startFakeUpstream } from "../fake-upstream";
import { lenient, type Rule } from "../scenario";
import { LAST_WORD } from "./play-lenient";

const rule = (model: string, content: Parameters<typeof lenient>[0]): Rule => ({
  method: "POST",
  path: "/v1/chat/completions",
  model,
  scenario: lenient(content),
});
const quick = { contextWindow: 1_000, visibleTokens: 50 };

let upstream: FakeUpstream;
beforeEach(async () => {
  upstream = await startFakeUpstream({
    bill: true,
    rules: [
      rule("quick", quick),
      rule("hides", {
        ...quick,
        visibleTokens: 2,
        hiddenTokens: { before: 10, after: 1_000 },
        tokensPerSecond: 200,
      }),
      rule("fails-billed", {
        ...quick,
        visibleTokens: 0,
        hiddenTokens: { before: 30, after: 0 },
        error: { reportsUsage: true },
      }),
      rule("fails-free", { ...quick, visibleTokens: 0, error: { reportsUsage: false } }),
    ],
  });
});
afterEach(() => upstream.close());

const ask = (body: object, signal?: AbortSignal) =>
  fetch(`${upstream.url}/chat/completions`, {
    method: "POST",
    headers: { "x-request-id": "r" },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello" }], ...body }),
    signal,
  });
const billed = () => upstream.bills.get("r")?.billed;

describe("a lenient provider", () => {
  test("generates up to the greatest bound, and bills what it reports", async () => {
    const answer = await (await ask({ model: "quick", max_tokens: 1, options: { num_predict: 7 } })).json();
    expect(answer).toMatchObject({ choices: [{ finish_reason: "length" }], usage: { completion_tokens: 7 } });
    expect(billed()).toMatchObject({ outputTokens: 7 });
  });

  test("bills predicted output beyond the bound", async () => {
    const prediction = { type: "content", content: "x".repeat(400) };
    await (await ask({ model: "quick", max_tokens: 1, prediction })).text();
    expect(billed()?.outputTokens).toBe(1 + 100);
  });

  test("bills hidden tokens that it generated until the client hung up", async () => {
    const abort = new AbortController();
    const startedAtMs = performance.now();
    const { body } = await ask({ model: "hides", stream: true }, abort.signal);
    let text = "";
    for await (const bytes of body ?? []) {
      text += Buffer.from(bytes).toString();
      if (text.includes(LAST_WORD)) break;
    }
    abort.abort();
    await expect.poll(() => billed()?.outputTokens).toBeGreaterThan(11);
    expect(billed()?.outputTokens).toBeLessThan(((performance.now() - startedAtMs) / 1_000) * 200 + 1);
    expect(text).not.toContain("usage");
  });

  test("bills an error inside a 200 only if it reports usage", async () => {
    expect(await (await ask({ model: "fails-billed" })).json()).toMatchObject({
      usage: { completion_tokens: 30 },
    });
    expect(billed()).toMatchObject({ outputTokens: 30 });
    expect(await (await ask({ model: "fails-billed", stream: true })).text()).toContain(
      '"completion_tokens":30',
    );
    expect(billed()).toMatchObject({ outputTokens: 60 });
    await (await ask({ model: "fails-free" })).text();
    expect(billed()).toMatchObject({ outputTokens: 60 });
  });

  test("rejects an input beyond its context window without a bill", async () => {
    const answer = await ask({ model: "quick", messages: [{ role: "user", content: "x".repeat(8_000) }] });
    expect(answer.status).toBe(400);
    expect(billed()).toEqual({ inputTokens: 0, outputTokens: 0 });
  });
});
