import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { text as textOf } from "node:stream/consumers";
import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { delta, ended, START, STOP, started, stopped } from "#lib/dialects/messages/testing/played-message";
import { CAPTURES, capturedBodies } from "#lib/dialects/testing/captured-bodies";
import { isObject } from "#lib/dialects/text/json-fields";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { serverOfFile } from "#lib/testing/server-of-file";

const gate = await testGateway({
  models: [{ name: "m", upstreamModel: "claude-test", providerType: "anthropic", contextWindow: 200_000 }],
});

/** What the provider was sent, and how it answers the next request. */
let sent = "";
let answer: (response: ServerResponse) => unknown = () => undefined;
const origin = await serverOfFile(async (incoming, outgoing) => {
  sent = await textOf(incoming);
  await answer(outgoing);
});
await gate.sql`UPDATE providers SET base_url = ${origin} WHERE type = 'anthropic'`;
await gate.gateway.routing({ fresh: true });

const EVENTS = { "content-type": "text/event-stream" };
const answerWith = (stream: string | Buffer, pieceBytes = Number.POSITIVE_INFINITY) => {
  answer = async (response) => {
    const bytes = Buffer.from(stream);
    response.writeHead(200, EVENTS);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      response.write(bytes.subarray(at, at + pieceBytes));
      if (pieceBytes < bytes.length) await new Promise(setImmediate);
    }
    response.end();
  };
};
const post = (body: string, signal?: AbortSignal, path = "messages") =>
  fetch(`${gate.url}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": gate.seeded.apiKey },
    body,
    signal: signal ?? null,
  });
const bodyOf = (fields: object) =>
  JSON.stringify({ model: "m", max_tokens: 2_000, messages: [{ role: "user", content: "Hi" }], ...fields });

const at = (index: number, block: string) => block.replaceAll('"index":0', `"index":${index}`);
const SIGNATURE = "EqQBCkgIARABGAIiQ/+é\u{1f600}==";
const LARGE = "9007199254740993";
const THINKING = [
  started({ type: "thinking", thinking: "", signature: "" }),
  delta({ type: "thinking_delta", thinking: "Two files." }),
  delta({ type: "signature_delta", signature: SIGNATURE }),
  stopped(),
].join("");
const call = (id: string, ...json: string[]) =>
  [
    started({ type: "tool_use", id, name: "read", input: {} }),
    ...json.map((part) => delta({ type: "input_json_delta", partial_json: part })),
    stopped(),
  ].join("");
const CALLS = [
  START,
  THINKING,
  at(1, call("toolu_1", '{"path":', '"a b.txt"}')),
  at(2, call("toolu_2", "", `{"path":"\\u00e9","id":${LARGE}}`)),
  ended("tool_use", { output_tokens: 60, output_tokens_details: { thinking_tokens: 20 } }),
  STOP,
].join("");

describe("two turns with thinking and parallel tools", () => {
  test("reach the SDK as the provider has streamed them", async () => {
    answerWith(CALLS);
    const client = new Anthropic({ baseURL: gate.url.replace(/\/v1$/, ""), apiKey: gate.seeded.apiKey });
    const message = await client.messages
      .stream({ model: "m", max_tokens: 2_000, messages: [{ role: "user", content: "Read both." }] })
      .finalMessage();
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "thinking", thinking: "Two files.", signature: SIGNATURE },
        { type: "tool_use", id: "toolu_1", input: { path: "a b.txt" } },
        { type: "tool_use", id: "toolu_2", input: { path: "\u00e9" } },
      ],
    });
  });

  test("have a second body that is the client's own but for the model", async () => {
    answerWith(CALLS);
    const second = `{ "model" : "m" ,\t"max_tokens":2e3,"stream":true, "thinking":{"type":"enabled","budget_tokens":1024},
  "messages":[{"role":"user","content":"Read \\u0062oth. \\/ \\ud83d\\ude00"},
   {"role":"assistant","content":[{"type":"thinking","thinking":"Two files.","signature":"${SIGNATURE}"},
    {"type":"tool_use","id":"toolu_1","name":"read","input":{"path":"a b.txt"}},
    {"type":"tool_use","id":"toolu_2","name":"read","input":{ "path":"\\u00e9" , "id":${LARGE}, "n":1.50 }}]},
   {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"one"},
    {"type":"tool_result","tool_use_id":"toolu_2","is_error":true,"content":[{"type":"text","text":"two"}]}]}],
  "tools":[{"name":"read","input_schema":{"type":"object","properties":{"id":{"type":"integer","maximum":${LARGE}}}}}] }`;
    const answered = await post(second);
    expect(answered.status).toBe(200);
    expect(sent).toBe(second.replace('"m"', '"claude-test"'));
    expect(await answered.text()).toBe(CALLS);
    expect(await gate.rowOf(answered)).toMatchObject({
      input_tokens: "25",
      output_tokens: "60",
      reasoning_tokens: "20",
      usage_source: "provider",
    });
  });

  test("are the same however the network cuts them", async () => {
    for (const bytes of [1, 2, 3, 7, 64]) {
      answerWith(CALLS, bytes);
      const answered = await post(bodyOf({ stream: true }));
      expect(await answered.text()).toBe(CALLS);
      expect(await gate.rowOf(answered)).toMatchObject({ output_tokens: "60", usage_source: "provider" });
    }
  });
});

describe("a stream", () => {
  test("shows the client each event while the provider pauses after it", async () => {
    const events = CALLS.split(/(?<=\n\n)/);
    const seen: ((text: string) => void)[] = [];
    let text = "";
    const shown = (part: string) =>
      new Promise<void>((resolve) => {
        if (text.includes(part)) resolve();
        else seen.push(() => text.includes(part) && resolve());
      });
    answer = async (response) => {
      response.writeHead(200, EVENTS);
      // The first content opens the stream, and the last event waits for the settlement.
      const first = events.findIndex((part) => part.includes("thinking_delta")) + 1;
      response.write(events.slice(0, first).join(""));
      for (const part of events.slice(first, -1)) {
        await shown(events.slice(0, events.indexOf(part)).join(""));
        response.write(part);
      }
      response.end(events.at(-1));
    };
    const answered = await post(bodyOf({ stream: true }));
    const decoder = new TextDecoder();
    for await (const bytes of answered.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      for (const look of seen) look(text);
    }
    expect(text).toBe(CALLS);
  });

  test("that its client leaves ends at the provider, and is charged for what was read", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    answer = (response) => {
      closed = once(response, "close");
      response.writeHead(200, EVENTS).write(START + THINKING);
    };
    const gone = new AbortController();
    const answered = await post(bodyOf({ stream: true }), gone.signal);
    await answered.body?.getReader().read();
    gone.abort();
    await closed;
    const row = await gate.rowOf(answered);
    expect(row).toMatchObject({ http_status: 499, status: "settled", input_tokens: "25" });
    expect(Number(row.output_tokens)).toBeGreaterThan(0);
  });
});

const RECORDED = "/work/shared/recorded/anthropic";

describe.runIf(existsSync(RECORDED))("a recorded answer of Anthropic's", () => {
  const files = existsSync(RECORDED) ? readdirSync(RECORDED) : [];
  const read = (file: string) => readFileSync(`${RECORDED}/${file}`, "utf8");
  const usageIn = (body: unknown): object =>
    isObject(body) && isObject(body.usage)
      ? body.usage
      : isObject(body) && isObject(body.message)
        ? usageIn(body.message)
        : {};

  /** The counts of a row for what a message has reported, later reports over earlier ones. */
  function countsOf(reports: readonly object[]) {
    const usage: Record<string, unknown> = Object.assign({}, ...reports);
    const count = (name: string) => Number(usage[name] ?? 0);
    const cached = count("cache_read_input_tokens") + count("cache_creation_input_tokens");
    return {
      input_tokens: String(count("input_tokens") + cached),
      output_tokens: String(count("output_tokens")),
      usage_source: "provider",
    };
  }

  test.each(files.filter((file) => file.endsWith(".json")))("passes whole: %s", async (file) => {
    answer = (response) => response.writeHead(200, { "content-type": "application/json" }).end(read(file));
    const answered = await post(bodyOf({}));
    expect(await answered.text()).toBe(read(file));
    expect(await gate.rowOf(answered)).toMatchObject(countsOf([usageIn(JSON.parse(read(file)))]));
  });

  test.each(files.filter((file) => file.endsWith(".chunks.txt")))("passes as a stream: %s", async (file) => {
    const payloads = read(file).trim().split("\n");
    const parsed: { type: string }[] = payloads.map((payload) => JSON.parse(payload));
    const stream = payloads.map((payload, n) => `event: ${parsed[n]?.type}\ndata: ${payload}\n\n`).join("");
    answerWith(stream);
    const answered = await post(bodyOf({ stream: true }));
    expect(await answered.text()).toBe(stream);
    expect(await gate.rowOf(answered)).toMatchObject(countsOf(parsed.map(usageIn)));
  });
});

describe.runIf(existsSync(CAPTURES))("a request that Claude Code or opencode sends", () => {
  const files = existsSync(CAPTURES) ? readdirSync(CAPTURES).map((file) => file.replace(".json", "")) : [];
  const ofMessages = files.filter((file) => /^claude-code-|^opencode-messages$/.test(file));

  test.each(ofMessages)(
    "is served and metered under a hard budget, or rejected as the only search: %s",
    async (file) => {
      await leaveBudget(gate, "50");
      answerWith(CALLS);
      for (const body of capturedBodies(file)) {
        const isCount = !("max_tokens" in body);
        if (isCount) answer = (response) => response.end('{"input_tokens":5}');
        const asked = JSON.stringify({ ...body, model: "m" });
        const answered = await post(asked, undefined, isCount ? "messages/count_tokens" : "messages");
        await answered.text();
        if (file === "claude-code-web-search") {
          expect(answered.status).toBe(400);
          continue;
        }
        expect(answered.status).toBe(200);
        expect(sent).toBe(asked.replace('"model":"m"', '"model":"claude-test"'));
        if (!isCount)
          expect(await gate.rowOf(answered)).toMatchObject({ output_tokens: "60", usage_source: "provider" });
      }
      await leaveBudget(gate, null);
    },
  );
});
