import { text as textOf } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import { delta, ended, START, STOP, started, stopped } from "#lib/dialects/messages/testing/played-message";
import { message } from "#lib/dialects/responses/testing/played-stream";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { serverOfFile } from "#lib/testing/server-of-file";

const RATES = { inputPerMtok: "2", outputPerMtok: "8" };
const ofType = (name: string, providerType: string) => ({
  name,
  providerType,
  rates: RATES,
  contextWindow: 100_000,
});
const gate = await testGateway({ models: [ofType("claude", "anthropic"), ofType("gpt", "openai")] });

const REFUSALS = {
  messages: {
    type: "error",
    error: {
      type: "invalid_request_error",
      message: "messages.1.content.0: Invalid `signature` in `thinking` block",
    },
  },
  responses: {
    error: {
      message: "The encrypted content gAAA...DQ== could not be verified.",
      type: "invalid_request_error",
      param: null,
      code: "invalid_encrypted_content",
    },
  },
};
const { code, message: words } = REFUSALS.responses.error;
const FAILED = { object: "response", status: "failed", error: { code, message: words }, output: [] };
const STREAM = [
  START,
  started({ type: "text", text: "" }),
  delta({ type: "text_delta", text: "Hello" }),
  stopped(),
  ended("end_turn", { output_tokens: 10 }),
  STOP,
].join("");
const WHOLE = {
  messages: {
    type: "message",
    role: "assistant",
    content: [{ type: "text", text: "Hello" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 25, output_tokens: 10 },
  },
  responses: {
    object: "response",
    status: "completed",
    output: [message("Hello")],
    usage: { input_tokens: 25, output_tokens: 10 },
  },
};

/** What the provider was sent, and what it refuses. */
let sent: string[] = [];
let refused = /never/;
/** Whether it refuses by a failed response instead. */
let isInside = false;
/** What it reports beside a refusal. */
let reported = {};
const url = await serverOfFile(async (incoming, outgoing) => {
  const body = await textOf(incoming);
  sent.push(body);
  const endpoint = incoming.url?.endsWith("/responses") ? "responses" : "messages";
  if (refused.test(body)) {
    outgoing.writeHead(isInside ? 200 : 400, { "content-type": "application/json" });
    const refusal = isInside ? FAILED : REFUSALS[endpoint];
    outgoing.end(JSON.stringify({ ...refusal, ...reported }));
  } else if (/"stream": ?true/.test(body))
    outgoing.writeHead(200, { "content-type": "text/event-stream" }).end(STREAM);
  else outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(WHOLE[endpoint]));
});
await gate.sql`UPDATE providers SET base_url = CASE type WHEN 'openai' THEN ${`${url}/v1`} ELSE ${url} END`;
await gate.gateway.routing({ fresh: true });

const REASONING = /"(?:thinking|reasoning)", ?"/;
beforeEach(() => {
  sent = [];
  refused = REASONING;
  isInside = false;
  reported = {};
});

const THOUGHT = '{"type":"thinking", "thinking":"Two, [files]","signature":"Zm9yZWlnbg=="}';
const CALL = '{"type":"tool_use","id":"t1","name":"run","input":{ "n":9007199254740993 }}';
const turns = (fields: string, thought: string) =>
  `{ "model":"claude" ,"max_tokens":2000,${fields}"messages":[{"role":"user","content":"H\\u0069"},
  {"role":"assistant","content":[${thought}${CALL}]},
  {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"\\/"}]}],"stream":true }`;
const ENABLED = '"thinking":{"type":"enabled","budget_tokens":1024},';
const ADAPTIVE = '"thinking":{"type":"adaptive"},';

/** 25 × $2 and 10 × $8 per million: nothing for what was refused. */
const ANSWERED = {
  status: "settled",
  http_status: 200,
  usage_source: "provider",
  cost_usd: "0.000130000000",
};

type Send = (path: string, init: RequestInit) => Promise<Response>;

async function askBy(send: Send, endpoint: string, body: string) {
  const response = await send(`/v1/${endpoint}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gate.seeded.apiKey}` },
    body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, row: await gate.rowOf(response) };
}

describe.each(bothMounts(gate))("on the mount %s", (_, send) => {
  const ask = (endpoint: string, body: string) => askBy(send, endpoint, body);

  test("a message is sent once more without the thinking that its provider refuses", async () => {
    const { text, headers, row } = await ask("messages", turns(ADAPTIVE, `${THOUGHT} , `));
    expect(sent).toEqual([turns(ADAPTIVE, `${THOUGHT} , `), turns(ADAPTIVE, "")]);
    expect(text).toBe(STREAM);
    expect(headers.get("x-tollgate-dropped")).toBe("messages[1].content[0]");
    expect(row).toMatchObject({ ...ANSWERED, dropped: ["messages[1].content[0]"] });
  });

  test("it asks for no thinking then, if it goes on with a turn that must begin with it", async () => {
    const { text, row } = await ask("messages", turns(ENABLED, `${THOUGHT},`));
    expect(sent[1]).toBe(turns("", ""));
    expect(text).toBe(STREAM);
    expect(row).toMatchObject({ ...ANSWERED, dropped: ["messages[1].content[0]", "thinking"] });
  });

  test("a response is sent once more without its items of reasoning", async () => {
    const body = (first: string) =>
      `{ "model":"gpt", "store":false,"input":[${first}{"role":"user","content":"H\\u0069"}] }`;
    const item = '{"type":"reasoning", "id":"rs_1","summary":[],"encrypted_content":"gAAA"},';
    for (isInside of [false, true]) {
      sent = [];
      const { status, headers, row } = await ask("responses", body(item));
      expect(sent).toEqual([body(item), body("")]);
      expect(status).toBe(200);
      expect(headers.get("x-tollgate-dropped")).toBe("input[0]");
      expect(row).toMatchObject({ ...ANSWERED, dropped: ["input[0]"] });
    }
  });
});

const ask = (body: string) => askBy((path, init) => fetch(new URL(path, gate.url), init), "messages", body);
const RELEASED = { status: "released", http_status: 400, cost_usd: "0.000000000000" };

describe("a refusal", () => {
  test("is the client's if there is no thinking to leave out", async () => {
    refused = /claude/;
    const { status, headers, text, row } = await ask(turns(ADAPTIVE, ""));
    expect(status).toBe(400);
    expect(text).toContain("Invalid `signature` in `thinking` block");
    expect(sent).toHaveLength(1);
    expect(headers.has("x-tollgate-dropped")).toBe(false);
    expect(row).toMatchObject({ ...RELEASED, dropped: [] });
  });

  test("is the client's if the provider refuses what is left, too", async () => {
    refused = /claude/;
    const { status, row } = await ask(turns(ADAPTIVE, `${THOUGHT},`));
    expect(status).toBe(400);
    expect(sent).toHaveLength(2);
    expect(row).toMatchObject(RELEASED);
  });

  test.each([
    ["reports a usage", { usage: { input_tokens: 25, output_tokens: 0 } }],
    ["is known to bill its filter", { error: { ...REFUSALS.messages.error, code: "content_filter" } }],
  ])("is not followed by another request if the provider %s", async (_, fields) => {
    reported = fields;
    const { status, row } = await ask(turns(ADAPTIVE, `${THOUGHT},`));
    expect(status).toBe(400);
    expect(sent).toHaveLength(1);
    expect(row.status).toBe("settled");
    expect(Number(row.cost_usd)).toBeGreaterThan(0);
  });

  test("is of this conversation alone: the next one is sent with its thinking", async () => {
    await ask(turns(ADAPTIVE, `${THOUGHT},`));
    refused = /never/;
    const { headers } = await ask(turns(ADAPTIVE, `${THOUGHT},`));
    expect(sent[2]).toBe(turns(ADAPTIVE, `${THOUGHT},`));
    expect(headers.has("x-tollgate-dropped")).toBe(false);
  });

  test("takes one hold with the request after it, under a hard budget", async () => {
    await leaveBudget(gate, "0.02");
    const { status, row } = await ask(turns(ADAPTIVE, `${THOUGHT},`));
    expect(status).toBe(200);
    expect(row).toMatchObject(ANSWERED);
    await leaveBudget(gate, null);
  });
});

testBalancedBooks(gate);
