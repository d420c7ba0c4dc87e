import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { CACHED_USAGE, STOP } from "#lib/dialects/messages/testing/played-message";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { hangUpAt } from "#lib/gateway/testing/hang-up";
import {
  BEGINNING,
  BLOCKS,
  MESSAGE_SCENARIOS,
  REFUSED,
  STREAM,
  WHOLE,
} from "#lib/gateway/testing/message-scenarios";
import { expectSettledStreams } from "#lib/gateway/testing/settled-streams";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const rates = {
  inputPerMtok: "3",
  cacheWritePerMtok: "3.75",
  cacheWrite1hPerMtok: "6",
  cacheReadPerMtok: "0.3",
  outputPerMtok: "15",
};
const COUNTED = {
  status: "settled",
  endpoint: "messages",
  input_tokens: "53100",
  cached_tokens: "50000",
  cache_write_tokens: "3000",
  output_tokens: "400",
  usage_source: "provider",
  cost_usd: "0.034800000000",
};

const playing = modelsPlaying(MESSAGE_SCENARIOS, {
  rates,
  contextWindow: 100_000,
  providerType: "anthropic",
});
const tiers = [{ aboveInputTokens: 200_000, ...rates }];
const gate = await testGateway({
  ...playing,
  models: [
    ...playing.models,
    { name: "tiered", upstreamModel: "whole", rates: { ...rates, tiers }, providerType: "anthropic" },
    { name: "embeds" },
  ],
});

const KEY = { "x-api-key": gate.seeded.apiKey };
const body = (fields: object) => ({
  model: "whole",
  max_tokens: 500,
  messages: [{ role: "user", content: "Hello!" }],
  ...fields,
});
const post = (fields: object, headers: Record<string, string> = KEY) =>
  fetch(`${gate.url}/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body(fields)),
  });
const client = () =>
  new Anthropic({ baseURL: gate.url.replace(/\/v1$/, ""), apiKey: gate.seeded.apiKey, maxRetries: 0 });
const lastSent = () => gate.upstream.requests.at(-1);

describe("POST /v1/messages", () => {
  test("answers what the provider says, byte for byte, and charges each kind of input at its rate", async () => {
    const answered = await post({});
    expect(answered.status).toBe(200);
    expect(await answered.text()).toBe(WHOLE);
    expect(answered.headers.get("x-tollgate-cost-usd")).toBe("0.0348");
    expect(await gate.rowOf(answered)).toMatchObject({
      ...COUNTED,
      stream: false,
      http_status: 200,
      meters: { cache_write_1h_tokens: 1_000 },
    });
  });

  test("takes the key as Anthropic's clients send it, and knows Claude Code's session", async () => {
    const session = { "x-claude-code-session-id": "00000000-0000-4000-8000-000000000004" };
    for (const key of [KEY, { authorization: `Bearer ${gate.seeded.apiKey}` }]) {
      const answered = await post({}, { ...key, ...session });
      expect(await gate.rowOf(answered)).toMatchObject({ session_id: session["x-claude-code-session-id"] });
    }
  });

  test("relays a stream byte for byte, settled before its last event", async () => {
    const streams = { stream: STREAM, refusal: BEGINNING + BLOCKS + REFUSED + STOP };
    await expectSettledStreams(gate, (model) => post({ model, stream: true }), streams, COUNTED);
  });

  test("charges what a compaction has used besides the message", async () => {
    const answered = await post({ model: "compacted", stream: true });
    await answered.text();
    expect(await gate.rowOf(answered)).toMatchObject({ input_tokens: "60025", output_tokens: "540" });
  });

  test("is no 499 if the client hangs up at the last event, and one before it", async () => {
    for (const [until, status] of [
      ["message_stop", 200],
      ["content_block_delta", 499],
    ] as const) {
      const model = status === 200 ? "stream" : "broken";
      const answered = await post({ model, stream: true });
      await hangUpAt(until, answered);
      const row = await gate.rowOf(answered);
      if (status === 200) expect(row).toMatchObject({ ...COUNTED, http_status: 200 });
      else expect([499, 502]).toContain(row.http_status);
    }
  });

  test("charges an estimate if the provider reports nothing", async () => {
    for (const [model, isStream] of [
      ["uncounted", false],
      ["uncounted-stream", true],
    ] as const) {
      const answered = await post({ model, stream: isStream });
      await answered.text();
      const row = await gate.rowOf(answered);
      expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
      expect(Number(row.output_tokens)).toBeGreaterThan(0);
    }
  });

  test("turns a whole answer into a stream, and a stream into a whole answer", async () => {
    const streamed = await post({ model: "whole-for-stream", stream: true });
    expect((await streamed.text()).endsWith(STOP)).toBe(true);
    expect(await gate.rowOf(streamed)).toMatchObject(COUNTED);
    const joined = await post({ model: "stream-for-whole" });
    expect(await joined.json()).toEqual(JSON.parse(WHOLE));
    expect(await gate.rowOf(joined)).toMatchObject(COUNTED);
  });

  test("sends a bound of zero, which writes a prompt to a cache, as one if a budget applies", async () => {
    for (const [limit, sent] of [
      ["1", 1],
      [null, 0],
    ] as const) {
      await leaveBudget(gate, limit);
      const row = await gate.rowOf(await post({ max_tokens: 0 }));
      expect(lastSent()?.body).toMatchObject({ max_tokens: sent });
      // Of a generation's $0.0075 at 500 tokens, nothing is held.
      if (limit !== null) expect(Number(row.hold_usd)).toBeLessThan(0.003);
    }
  });

  test("sends upstream what the client sent, with a version and the betas that may pass", async () => {
    await post({ seed: 12345678901234 });
    expect(lastSent()).toMatchObject({
      path: "/v1/messages",
      body: body({ seed: 12345678901234 }),
      headers: { "anthropic-version": "2023-06-01", "x-api-key": gate.seeded.canary },
    });
    expect(lastSent()?.headers).not.toHaveProperty("anthropic-beta");
    const betas = "effort-2025-11-24,fast-mode-2026-02-01,context-1m-2025-08-07";
    const answered = await post({}, { ...KEY, "anthropic-beta": betas, "anthropic-version": "2026-07-01" });
    expect(lastSent()?.headers).toMatchObject({
      "anthropic-beta": "effort-2025-11-24",
      "anthropic-version": "2026-07-01",
    });
    expect(answered.headers.get("x-tollgate-dropped")).toBe(
      "anthropic-beta:fast-mode-2026-02-01,anthropic-beta:context-1m-2025-08-07",
    );
    await post({ model: "tiered" }, { ...KEY, "anthropic-beta": betas });
    expect(lastSent()?.headers["anthropic-beta"]).toBe("effort-2025-11-24,context-1m-2025-08-07");
  });

  test("holds for an hour's cache writes only if the body asks for them", async () => {
    const marked = (ttl: string) => ({
      system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl } }],
    });
    const held = async (fields: object) => Number((await gate.rowOf(await post(fields))).hold_usd);
    const [short, long] = [await held(marked("5m")), await held(marked("1h"))];
    const output = 500 * 15e-6;
    expect((long - output) / (short - output)).toBeCloseTo(6 / 3.75, 5);
  });

  test("lowers the bound and the budget of thinking to what a budget has left", async () => {
    await leaveBudget(gate, "0.1");
    const answered = await post({
      max_tokens: 32_000,
      thinking: { type: "enabled", budget_tokens: 31_999 },
    });
    expect(answered.status).toBe(200);
    const lowered = Number(answered.headers.get("x-tollgate-max-tokens"));
    expect(lowered).toBeGreaterThan(6_000);
    expect(lowered).toBeLessThan(6_667);
    expect(lastSent()?.body).toMatchObject({
      max_tokens: lowered,
      thinking: { type: "enabled", budget_tokens: lowered - 1 },
    });
    await leaveBudget(gate, null);
  });

  test("names the offer of a search that it leaves out, and rejects the demand for one", async () => {
    const read = { name: "read", input_schema: { type: "object" } };
    const search = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
    const answered = await post({ tools: [read, search] });
    expect(answered.headers.get("x-tollgate-dropped")).toBe("tools[1]");
    expect(lastSent()?.body).toMatchObject({ tools: [read] });
    const alone = await post({ tools: [search] });
    expect(alone.status).toBe(400);
    expect(alone.headers.get("x-tollgate-code")).toBe("unsupported_parameter");
    expect(await alone.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });
});

describe("an error", () => {
  const errorOf = async (answered: Response) => {
    const { type, error, request_id } = await answered.json();
    expect([type, request_id]).toEqual(["error", answered.headers.get("x-request-id")]);
    return { status: answered.status, type: error.type, message: error.message };
  };

  test.each(bothMounts(gate))("has Anthropic's form, by %s", async (_, send) => {
    const ask = (path: string, headers: Record<string, string>, text = JSON.stringify(body({}))) =>
      send(path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: text });
    for (const path of ["/v1/messages", "/v1/messages?beta=true", "/messages", "/llm/v1/messages"]) {
      const answered = await ask(path, {});
      expect(answered.headers.get("x-should-retry")).toBe("false");
      expect(answered.headers.get("x-tollgate-code")).toBe("invalid_api_key");
      expect(await errorOf(answered)).toMatchObject({ status: 401, type: "authentication_error" });
      expect((await ask(path, KEY)).status).toBe(200);
    }
    expect(await errorOf(await ask("/v1/messages", KEY, "{"))).toMatchObject({
      status: 400,
      type: "invalid_request_error",
    });
    expect(await errorOf(await ask("/v1/messages/batches", KEY))).toMatchObject({
      status: 404,
      type: "not_found_error",
    });
    expect(await errorOf(await send("/v1/messages"))).toMatchObject({ status: 405 });
  });

  test("names the endpoints of a model that is not served here", async () => {
    await gate.sql`UPDATE providers SET settings = '{"dialects": ["embeddings"]}' WHERE type = 'openai-compatible'`;
    await gate.gateway.routing({ fresh: true });
    expect(await errorOf(await post({ model: "embeds" }))).toMatchObject({
      status: 404,
      type: "not_found_error",
      message: expect.stringContaining("/v1/embeddings"),
    });
  });

  test("says that an input is too long in the words that make a client compact", async () => {
    const answered = await post({ messages: [{ role: "user", content: "word ".repeat(150_000) }] });
    const { status, type, message: words } = await errorOf(answered);
    expect([status, type]).toEqual([400, "invalid_request_error"]);
    const [, tokens, most] = /^prompt is too long: (\d+) tokens > (\d+) maximum$/.exec(words) ?? [];
    expect(most).toBe("100000");
    expect(Number(tokens)).toBeGreaterThan(100_000);
    expect(answered.headers.get("x-tollgate-code")).toBe("context_length_exceeded");
  });

  test("is none for a bound beyond the window: an answer ends there", async () => {
    expect((await post({ max_tokens: 128_000 })).status).toBe(200);
  });

  test("of a spent budget is final, and one of a window is not", async () => {
    await leaveBudget(gate, "0");
    const spent = await post({});
    expect(spent.headers.get("x-should-retry")).toBe("false");
    expect(spent.headers.get("x-tollgate-code")).toBe("insufficient_quota");
    expect(await errorOf(spent)).toMatchObject({ status: 429, type: "billing_error" });
    await leaveBudget(gate, null);
  });

  test.each([
    ["invalid", 400, "invalid_request_error", "context_management: Extra inputs are not permitted"],
    ["too-long", 400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"],
  ])("of the provider about the request keeps its words: %s", async (model, status, type, words) => {
    const answered = await post({ model });
    expect(await errorOf(answered)).toEqual({ status, type, message: words });
    expect(answered.headers.has("x-tollgate-code")).toBe(false);
  });

  test.each([
    ["our-key", 502, "api_error"],
    ["overloaded", 502, "api_error"],
    ["chat", 502, "api_error"],
    ["limited", 429, "rate_limit_error"],
    ["failed-first", 503, "overloaded_error"],
  ])("of the provider about anything else is not passed on: %s", async (model, status, type) => {
    const answered = await post({ model, stream: model === "failed-first" });
    expect(await errorOf(answered)).toMatchObject({ status, type });
    expect(answered.headers.get("retry-after")).toBe(model === "limited" ? "7" : null);
    expect(await gate.rowOf(answered)).toMatchObject({ http_status: status });
  });

  test("in a stream ends it as Anthropic's do, and is charged", async () => {
    for (const [model, type] of [
      ["failed-late", "overloaded_error"],
      ["failed-late-by-us", "api_error"],
      ["broken", "api_error"],
    ]) {
      const answered = await post({ model, stream: true });
      const text = await answered.text();
      expect(text.startsWith(BEGINNING + BLOCKS)).toBe(true);
      const last = text.slice((BEGINNING + BLOCKS).length);
      expect(last).toMatch(
        new RegExp(`^event: error\\ndata: \\{"type":"error","error":\\{"type":"${type}".*\\n\\n$`),
      );
      expect(text).not.toContain(gate.seeded.canary);
      expect(text).not.toContain("message_stop");
      expect(await gate.rowOf(answered)).toMatchObject({ status: "settled", http_status: 502 });
    }
  });
});

describe("Anthropic's SDK", () => {
  const asked = { max_tokens: 500, messages: [{ role: "user" as const, content: "Hello!" }] };

  test("gets whole and streamed messages, and their exact usage", async () => {
    const { data, response } = await client()
      .messages.create({ model: "whole", ...asked })
      .withResponse();
    expect(data).toMatchObject({ content: [{ type: "text", text: "Hello" }], usage: CACHED_USAGE });
    expect(await gate.rowOf(response)).toMatchObject(COUNTED);
    for (const model of ["stream", "whole-for-stream"]) {
      const running = client().messages.stream({ model, ...asked });
      let text = "";
      running.on("text", (delta) => {
        text += delta;
      });
      expect(await running.finalMessage()).toMatchObject({
        stop_reason: "end_turn",
        usage: { output_tokens: 400 },
      });
      expect(text).toBe("Hello");
    }
    const refused = await client()
      .messages.stream({ model: "refusal", ...asked })
      .finalMessage();
    expect(refused.stop_reason).toBe("refusal");
  });

  test("tells the errors apart", async () => {
    const create = (model: string) => client().messages.create({ model, ...asked });
    await expect(create("invalid")).rejects.toThrow(Anthropic.BadRequestError);
    await expect(create("no-such-model")).rejects.toThrow(Anthropic.NotFoundError);
    await expect(create("limited")).rejects.toThrow(Anthropic.RateLimitError);
    const stranger = new Anthropic({ baseURL: gate.url.replace(/\/v1$/, ""), apiKey: "tg_live_wrong" });
    await expect(stranger.messages.create({ model: "whole", ...asked })).rejects.toThrow(
      Anthropic.AuthenticationError,
    );
    for (const model of ["failed-late", "broken"])
      await expect(
        client()
          .messages.stream({ model, ...asked })
          .finalMessage(),
      ).rejects.toThrow();
  });

  test("lists the models", async () => {
    const ids: string[] = [];
    for await (const { id } of client().models.list()) ids.push(id);
    expect(ids).toContain("whole");
  });
});
