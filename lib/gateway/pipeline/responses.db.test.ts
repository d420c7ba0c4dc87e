import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { event, message } from "#lib/dialects/responses/testing/played-stream";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { hangUpAt } from "#lib/gateway/testing/hang-up";
import { openAiSdk } from "#lib/gateway/testing/openai-sdk";
import { expectSettledStreams } from "#lib/gateway/testing/settled-streams";
import { testAnswers } from "#lib/gateway/testing/test-answers";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { failure as failed, type Scenario, streamOf, wholeAnswer } from "#lib/testing/upstream/scenario";

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 60 },
  output_tokens: 50,
  output_tokens_details: { reasoning_tokens: 40 },
  total_tokens: 150,
};
const MESSAGE = message("Hello");
const response = (fields: object) => ({
  id: "resp_1",
  object: "response",
  error: null,
  output: [],
  ...fields,
});
const WHOLE = JSON.stringify(response({ status: "completed", output: [MESSAGE], usage: USAGE }));
const PLACE = { item_id: "msg_1", output_index: 0, content_index: 0 };
const BEGINNING = [
  event("created", { response: response({ status: "in_progress", usage: null }) }),
  event("output_item.added", { output_index: 0, item: { ...MESSAGE, content: [] } }),
  event("content_part.added", { ...PLACE, part: { type: "output_text", text: "", annotations: [] } }),
  event("output_text.delta", { ...PLACE, delta: "Hello" }),
].join("");
const END = event("completed", {
  response: response({ status: "completed", output: [MESSAGE], usage: USAGE }),
});
const INCOMPLETE = event("incomplete", { response: response({ status: "incomplete", usage: USAGE }) });
const failure = response({
  status: "failed",
  error: { code: "server_error", message: "boom" },
  usage: USAGE,
});

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  whole: wholeAnswer(WHOLE),
  uncounted: wholeAnswer(JSON.stringify(response({ status: "completed", output: [MESSAGE] }))),
  "failed-whole": wholeAnswer(JSON.stringify({ ...failure, usage: null })),
  "other-dialect": wholeAnswer('{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}'),
  stream: streamOf(BEGINNING, END),
  incomplete: streamOf(BEGINNING, INCOMPLETE),
  "failed-first": streamOf(event("failed", { response: { ...failure, usage: null } })),
  "failed-late": streamOf(BEGINNING, event("failed", { response: failure })),
  broken: streamOf(BEGINNING),
  "whole-for-stream": wholeAnswer(WHOLE),
  "stream-for-whole": streamOf(BEGINNING, END),
  "no-reasoning": wholeAnswer(WHOLE),
};

/** What OpenAI says to gpt-4o. */
const refusal = failed(400, "invalid_value", "Encrypted content is not supported with this model.");

/** $2 and $8 a million tokens, a tenth for cached input. */
const rates = { inputPerMtok: "2", outputPerMtok: "8", cacheReadPerMtok: "0.2" };
const COST_USD = "0.000492000000";

const playing = modelsPlaying(SCENARIOS, { rates, contextWindow: 100_000, providerType: "openai" });
const gate = await testGateway({
  models: [...playing.models, { name: "compatible", rates }],
  rules: [
    {
      model: "no-reasoning",
      body: { include: ["reasoning.encrypted_content"] },
      scenario: refusal,
    },
    ...playing.rules,
  ],
});

const post = (body: object, headers?: Record<string, string>) =>
  gate.post("responses", { input: "Hello", ...body }, headers);

const COUNTED = {
  status: "settled",
  endpoint: "responses",
  input_tokens: "100",
  cached_tokens: "60",
  output_tokens: "50",
  reasoning_tokens: "40",
  usage_source: "provider",
  cost_usd: COST_USD,
};

describe("POST /v1/responses", () => {
  testAnswers({ gate, post, whole: WHOLE, counted: COUNTED, failing: ["failed-whole", "failed-first"] });

  test("is sent again without encrypted reasoning if a model refuses that, and the next time at once", async () => {
    for (const requests of [2, 1]) {
      const before = gate.upstream.requests.length;
      const answered = await post({ model: "no-reasoning" });
      expect(await answered.text()).toBe(WHOLE);
      expect(await gate.rowOf(answered)).toMatchObject(COUNTED);
      const sent = gate.upstream.requests.slice(before);
      expect(sent).toHaveLength(requests);
      expect(sent.at(-1)?.body).toEqual({ model: "no-reasoning", input: "Hello", store: false });
    }
  });

  test("is not sent again if the client has asked for what is refused", async () => {
    const before = gate.upstream.requests.length;
    const include = ["reasoning.encrypted_content"];
    const answered = await post({ model: "no-reasoning", include, store: false });
    expect(answered.status).toBe(400);
    expect(gate.upstream.requests.length).toBe(before + 1);
  });

  test("relays a stream byte for byte, settled before its last event", async () => {
    const streams = { stream: BEGINNING + END, incomplete: BEGINNING + INCOMPLETE };
    await expectSettledStreams(gate, (model) => post({ model, stream: true }), streams, COUNTED);
  });

  test("is no 499 if the client hangs up at the last event", async () => {
    const answered = await post({ model: "stream", stream: true });
    await hangUpAt("response.completed", answered);
    expect(await gate.rowOf(answered)).toMatchObject({ ...COUNTED, http_status: 200 });
  });

  test("sends upstream what the client sent, and nothing to keep", async () => {
    const input = [{ role: "user", content: [{ type: "input_text", text: "a" }] }];
    await post({ model: "whole", input, seed: 12345678901234 });
    const sent = gate.upstream.requests.at(-1);
    expect(sent?.path).toBe("/v1/responses");
    expect(sent?.body).toEqual({
      model: "whole",
      input,
      seed: 12345678901234,
      store: false,
      include: ["reasoning.encrypted_content"],
    });
  });

  test("passes on to OpenAI what Codex says to it in headers, and nothing else", async () => {
    const own = { "openai-beta": "responses=v1", "x-openai-internal-codex-responses-lite": "true" };
    const answered = await post({ model: "whole" }, { ...own, "x-codex-window-id": "1", cookie: "a=b" });
    expect(answered.status).toBe(200);
    const { headers = {} } = gate.upstream.requests.at(-1) ?? {};
    expect(headers).toMatchObject(own);
    expect(headers).not.toHaveProperty("x-codex-window-id");
    expect(headers).not.toHaveProperty("cookie");
    const long = await post({ model: "whole" }, { "openai-beta": "b".repeat(5_000) });
    expect(long.status).toBe(400);
    expect(await long.json()).toMatchObject({ error: { param: "openai-beta" } });
  });

  test("passes no such header on to other providers", async () => {
    const answered = await gate.chat(
      { model: "compatible", messages: [{ role: "user", content: "Hi" }] },
      { headers: { "openai-beta": "x=v1" } },
    );
    expect(answered.status).toBe(200);
    expect(gate.upstream.requests.at(-1)?.headers).not.toHaveProperty("openai-beta");
  });

  test("names the offer of a search that it leaves out", async () => {
    const run = { type: "function", name: "run", parameters: {} };
    const answered = await post({ model: "whole", tools: [run, { type: "web_search" }] });
    expect(answered.status).toBe(200);
    expect(answered.headers.get("x-tollgate-dropped")).toBe("tools[1]");
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject({ tools: [run] });
    const alone = await post({ model: "whole", tools: [{ type: "web_search" }] });
    expect(alone.status).toBe(400);
    expect(await alone.json()).toMatchObject({
      error: { code: "unsupported_parameter", param: "tools[0].type" },
    });
  });

  test("charges an estimate if the provider reports nothing", async () => {
    expect(await gate.rowOf(await post({ model: "uncounted" }))).toMatchObject({ usage_source: "estimated" });
  });

  test("ends a stream that fails or breaks off as the API does, and charges it", async () => {
    for (const model of ["failed-late", "broken"]) {
      const answered = await post({ model, stream: true });
      const text = await answered.text();
      expect(text.startsWith(BEGINNING)).toBe(true);
      expect(text.slice(BEGINNING.length)).toMatch(
        /^event: response\.failed\ndata: \{.*"id":"resp_1".*\}\n\n$/,
      );
      expect(await gate.rowOf(answered)).toMatchObject({ status: "settled", http_status: 502 });
    }
  });

  test("charges a failure what it reports", async () => {
    const answered = await post({ model: "failed-late", stream: true });
    await answered.text();
    expect(await gate.rowOf(answered)).toMatchObject({ usage_source: "provider", cost_usd: COST_USD });
  });

  test("turns a whole answer into a stream", async () => {
    const streamed = await post({ model: "whole-for-stream", stream: true });
    expect(await streamed.text()).toContain('"type":"response.completed"');
    expect(await gate.rowOf(streamed)).toMatchObject(COUNTED);
  });

  test("turns a stream into the very text of a whole answer", async () => {
    expect(await (await post({ model: "stream-for-whole" })).text()).toBe(WHOLE);
  });

  test("holds the bound under its own name if a budget applies, and lowers it to what is left", async () => {
    await leaveBudget(gate, "0.001");
    const answered = await post({ model: "whole", max_output_tokens: 5_000 });
    expect(answered.status).toBe(200);
    const lowered = Number(answered.headers.get("x-tollgate-max-tokens"));
    expect(lowered).toBeGreaterThan(50);
    expect(lowered).toBeLessThan(125);
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject({ max_output_tokens: lowered });
    await answered.text();
    // Only the context window bounds what a summary stands for.
    const unbounded = await post({
      model: "whole",
      input: [{ type: "compaction", encrypted_content: "gAAA" }],
    });
    expect(unbounded.status).toBe(429);
    await leaveBudget(gate, null);
  });

  test("serves the official SDK, whole and streamed", async () => {
    const client = openAiSdk(gate);
    const { data, response } = await client.responses
      .create({ model: "whole", input: "Hello" })
      .withResponse();
    expect(data).toMatchObject({ output_text: "Hello", usage: { output_tokens: 50 } });
    expect(await gate.rowOf(response)).toMatchObject(COUNTED);
    for (const model of ["stream", "whole-for-stream"]) {
      const stream = client.responses.stream({ model, input: "Hello" });
      let text = "";
      for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
      expect(text).toBe("Hello");
      expect(await stream.finalResponse()).toMatchObject({ status: "completed", output_text: "Hello" });
    }
    await expect(client.responses.create({ model: "whole", previous_response_id: "resp_1" })).rejects.toThrow(
      OpenAI.BadRequestError,
    );
  });

  test.each(bothMounts(gate))("answers 426 to a WebSocket, on every path, by %s", async (mount, send) => {
    // fetch sets no such header, so this mount is asked with a client of Node's.
    const ask =
      mount === "web" ? (path: string) => send(path, { headers: { upgrade: "websocket" } }) : askUpgrade;
    for (const path of ["/v1/responses", "/responses", "/llm/v1/responses", "/v1/responses?x=1"]) {
      const answered = await ask(path);
      expect(answered.status).toBe(426);
    }
    expect((await send("/v1/responses")).status).toBe(405);
    expect((await send("/responses", { method: "POST", body: "{}" })).status).toBe(401);
  });
});

async function askUpgrade(path: string): Promise<{ status: number }> {
  const { request } = await import("node:http");
  const { origin } = new URL(gate.url);
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}${path}`, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "mwxxEhUEBJYz1QP1CRf2Jw==",
      },
    });
    asked.on("response", (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0 });
    });
    asked.on("error", reject);
    asked.end();
  });
}
