import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { openAiSdk } from "#lib/gateway/testing/openai-sdk";
import { testAnswers } from "#lib/gateway/testing/test-answers";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { failure, type Scenario, streamOf, wholeAnswer } from "#lib/testing/upstream/scenario";

const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const BASE = { id: "cmpl-1", object: "text_completion", created: 1, model: "m" };
const choice = (text: string, finish_reason: string | null, index = 0) => ({
  text,
  index,
  logprobs: null,
  finish_reason,
});
const completion = (fields: object) =>
  JSON.stringify({ ...BASE, choices: [choice("Hello", "stop")], ...fields });
const WHOLE = completion({ usage: USAGE });
const event = (fields: object) => `data: ${JSON.stringify({ ...BASE, ...fields })}\n\n`;
const HELLO = event({ choices: [choice("Hel", null)] }) + event({ choices: [choice("lo", null)] });
const FINISH = event({ choices: [choice("", "stop")] });
const COUNT = event({ choices: [], usage: USAGE });
const DONE = "data: [DONE]\n\n";
const ERROR = 'data: {"error":{"message":"boom","type":"server_error"}}\n\n';
const PROMPT = "word ".repeat(40).trim();

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  whole: wholeAnswer(WHOLE),
  uncounted: wholeAnswer(completion({})),
  echo: wholeAnswer(completion({ choices: [choice(`${PROMPT} Hello`, "stop")] })),
  "error-in-a-200": wholeAnswer('{"error":{"message":"overloaded"}}'),
  "other-dialect": wholeAnswer('{"object":"list","data":[{"embedding":[0.5]}]}'),
  "no-suffix": failure(400, "invalid_value", "Suffix is not supported."),
  stream: streamOf(HELLO, FINISH, COUNT, DONE),
  "stream-uncounted": streamOf(HELLO, FINISH, DONE),
  "stream-echo": streamOf(event({ choices: [choice(PROMPT, null)] }), HELLO, FINISH, DONE),
  "failed-first": streamOf(ERROR),
  "failed-late": streamOf(HELLO, ERROR),
  broken: streamOf(HELLO),
  "whole-for-stream": wholeAnswer(WHOLE),
  "stream-for-whole": streamOf(HELLO, FINISH, COUNT, DONE),
};

/** $1 and $10 a million tokens. */
const rates = { inputPerMtok: "1", outputPerMtok: "10" };
const COST_USD = "0.000060000000";

const gate = await testGateway(
  modelsPlaying(SCENARIOS, { rates, contextWindow: 4_096, providerType: "openai" }),
);

const post = (body: object) => gate.post("completions", { prompt: "Hello", ...body });
const lastSent = () => gate.upstream.requests.at(-1);

const COUNTED = {
  status: "settled",
  endpoint: "completions",
  input_tokens: "10",
  output_tokens: "5",
  usage_source: "provider",
  cost_usd: COST_USD,
};

describe("POST /v1/completions", () => {
  testAnswers({ gate, post, whole: WHOLE, counted: COUNTED, failing: ["error-in-a-200", "failed-first"] });

  test("sends upstream what the client sent, with nothing added without a budget", async () => {
    const body = { prompt: [[9906, 1917]], model: "whole", suffix: "!", logprobs: 2, seed: 12345678901234 };
    await post(body);
    expect(lastSent()?.path).toBe("/v1/completions");
    expect(lastSent()?.rawBody).toBe(JSON.stringify(body));
  });

  test("relays a stream, settled before [DONE], with the usage if the client asked for it", async () => {
    for (const [include_usage, text] of [
      [false, HELLO + FINISH + DONE],
      [true, HELLO + FINISH + COUNT + DONE],
    ] as const) {
      const answered = await post({ model: "stream", stream: true, stream_options: { include_usage } });
      expect(await answered.text()).toBe(text);
      const [row] = await gate.sql`SELECT * FROM ledger WHERE id = ${answered.headers.get("x-request-id")}`;
      expect(row).toMatchObject({ ...COUNTED, stream: true, error_code: null });
      expect(lastSent()?.body).toMatchObject({ stream_options: { include_usage: true } });
    }
  });

  test.each(["uncounted", "stream-uncounted"])(
    "charges an estimate if no usage is reported: %s",
    async (model) => {
      const answered = await post({ model, stream: model !== "uncounted" });
      await answered.text();
      expect(await gate.rowOf(answered)).toMatchObject({
        usage_source: "estimated",
        input_tokens: "1",
        output_tokens: model === "uncounted" ? "1" : "2",
      });
    },
  );

  test.each(["echo", "stream-echo"])(
    "does not charge the prompt in an answer as output: %s",
    async (model) => {
      for (const [echo, least, most] of [
        [true, 0, 15],
        [false, 40, 60],
      ] as const) {
        const answered = await post({
          model,
          prompt: PROMPT,
          echo,
          max_tokens: 100,
          stream: model !== "echo",
        });
        await answered.text();
        const row = await gate.rowOf(answered);
        expect(row).toMatchObject({ usage_source: "estimated", input_tokens: "40" });
        expect(Number(row?.output_tokens)).toBeGreaterThan(least);
        expect(Number(row?.output_tokens)).toBeLessThan(most);
      }
    },
  );

  test.each(["echo", "stream-echo"])(
    "charges all that is shown under a hard budget, since a server may not repeat the prompt: %s",
    async (model) => {
      await leaveBudget(gate, 1);
      const stream = model !== "echo";
      const answered = await post({ model, prompt: PROMPT, echo: true, max_tokens: 100, stream });
      await answered.text();
      await leaveBudget(gate, null);
      expect(Number((await gate.rowOf(answered))?.output_tokens)).toBeGreaterThan(40);
    },
  );

  test("estimates the answers that best_of makes and does not return", async () => {
    const one = await gate.rowOf(await post({ model: "uncounted" }));
    const best = await gate.rowOf(await post({ model: "uncounted", best_of: 7 }));
    expect(Number(best?.output_tokens)).toBe(7 * Number(one?.output_tokens));
  });

  test("passes on a provider's own rejection, uncharged", async () => {
    const answered = await post({ model: "no-suffix", suffix: "!" });
    expect(answered.status).toBe(400);
    expect(await answered.json()).toMatchObject({ error: { message: "Suffix is not supported." } });
    expect(await gate.rowOf(answered)).toMatchObject({ status: "released" });
  });

  test.each(["failed-late", "broken"])(
    "never ends a stream that broke as if it were whole: %s",
    async (model) => {
      const answered = await post({ model, stream: true });
      const text = await answered.text();
      expect(text.startsWith(HELLO)).toBe(true);
      expect(text.slice(HELLO.length)).toMatch(/^data: \{"error":\{.*\}\}\n\n$/);
      expect(await gate.rowOf(answered)).toMatchObject({ status: "settled", http_status: 502 });
    },
  );

  test("turns a whole answer into a stream", async () => {
    const streamed = await post({ model: "whole-for-stream", stream: true });
    const [said, end] = (await streamed.text()).split("\n\n");
    const chunk = { ...BASE, choices: [choice("Hello", "stop")] };
    expect(JSON.parse(said?.slice("data: ".length) ?? "")).toEqual(chunk);
    expect(end).toBe(DONE.trim());
    expect(await gate.rowOf(streamed)).toMatchObject(COUNTED);
  });

  test("holds 16 tokens for each answer to each prompt, and sends that bound, if a budget applies", async () => {
    // Twelve answers of 16 tokens are $0.00192.
    await leaveBudget(gate, "0.0025");
    const body = { model: "whole", prompt: ["a", "b", "c"], n: 2, best_of: 4 };
    const answered = await post(body);
    expect(answered.status).toBe(200);
    expect(lastSent()?.body).toEqual({ ...body, max_tokens: 16 });
    expect(answered.headers.get("x-tollgate-max-tokens")).toBe("16");
    const [row] =
      await gate.sql`SELECT hold_usd FROM ledger WHERE id = ${answered.headers.get("x-request-id")}`;
    expect(Number(row?.hold_usd)).toBeGreaterThan(0.00192);
    expect(Number(row?.hold_usd)).toBeLessThan(0.0022);
    expect((await post({ ...body, best_of: 20 })).status).toBe(429);
    await leaveBudget(gate, null);
  });

  test("lowers the bound to what is left, and sends a bound of zero as one", async () => {
    await leaveBudget(gate, "0.0006");
    const answered = await post({ model: "whole", max_tokens: 3_000 });
    const lowered = Number(answered.headers.get("x-tollgate-max-tokens"));
    expect(lowered).toBeGreaterThan(16);
    expect(lowered).toBeLessThan(60);
    expect(lastSent()?.body).toMatchObject({ max_tokens: lowered });
    await post({ model: "whole", max_tokens: 0, echo: true });
    expect(lastSent()?.body).toMatchObject({ max_tokens: 1 });
    await leaveBudget(gate, null);
    await post({ model: "whole", max_tokens: 0, echo: true });
    expect(lastSent()?.body).toMatchObject({ max_tokens: 0 });
  });

  test("rejects a field that Tollgate does not know if a budget applies", async () => {
    const body = { model: "whole", prompt_embeds: "AAAA" };
    expect((await post(body)).status).toBe(200);
    await leaveBudget(gate, "1");
    const rejected = await post(body);
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({
      error: { code: "unsupported_parameter", param: "prompt_embeds" },
    });
    await leaveBudget(gate, null);
  });

  test("gives each prompt the context window", async () => {
    const prompt = "one two three four five six seven ".repeat(200);
    expect((await post({ model: "whole", prompt: [prompt, prompt, prompt, prompt] })).status).toBe(200);
    const rejected = await post({ model: "whole", prompt: prompt.repeat(4) });
    expect(await rejected.json()).toMatchObject({
      error: { code: "context_length_exceeded", param: "prompt" },
    });
  });

  test("serves the official SDK, whole and streamed", async () => {
    const client = openAiSdk(gate);
    const { data, response } = await client.completions
      .create({ model: "whole", prompt: "Hello" })
      .withResponse();
    expect(data).toMatchObject({ choices: [{ text: "Hello" }], usage: USAGE });
    expect(await gate.rowOf(response)).toMatchObject(COUNTED);
    for (const model of ["stream", "whole-for-stream"]) {
      let text = "";
      for await (const chunk of await client.completions.create({ model, prompt: "Hello", stream: true }))
        text += chunk.choices[0]?.text ?? "";
      expect(text).toBe("Hello");
    }
    await expect(client.completions.create({ model: "whole", prompt: [] })).rejects.toThrow(
      OpenAI.BadRequestError,
    );
  });

  test.each(bothMounts(gate))("is found on every path, by %s", async (_, send) => {
    for (const path of ["/v1/completions", "/completions", "/llm/v1/completions", "/v1/completions?x=1"]) {
      expect((await send(path, { method: "POST", body: "{}" })).status).toBe(401);
      expect((await send(path)).status).toBe(405);
    }
  });
});
