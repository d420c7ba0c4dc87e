import { describe, expect, test } from "vitest";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { chat, raw, type Scenario } from "#lib/testing/upstream/scenario";

const messages = [{ role: "user", content: "Hello!" }];
const MARK = "\uFEFF";
const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const whole = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello there" }, finish_reason: "stop" }],
  usage,
});
const chunk = (fields: object) =>
  `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m", ...fields })}`;
const chunks = [
  chunk({ choices: [{ index: 0, delta: { role: "assistant", content: "Hello" }, finish_reason: null }] }),
  chunk({ choices: [{ index: 0, delta: { content: " there" }, finish_reason: "stop" }] }),
  chunk({ choices: [], usage }),
];
const events = (separator: string, end: string) => `${[...chunks, end].join(separator)}${separator}`;
const DONE = "data: [DONE]";

const TYPES: Record<string, Record<string, string>> = {
  "no type": {},
  "text/plain": { "content-type": "text/plain" },
  "application/octet-stream": { "content-type": "application/octet-stream" },
  "application/x-ndjson": { "content-type": "application/x-ndjson" },
  "text/event-stream;charset=UTF-8": { "content-type": "text/event-stream;charset=UTF-8" },
  "Application/JSON; charset=utf-8": { "content-type": "Application/JSON; charset=utf-8" },
};
const FORMS: Record<string, string> = {
  json: whole,
  "json after a mark": MARK + whole,
  "json after blank lines": `\n\n \r\n${whole}\n`,
  events: events("\n\n", DONE),
  "events after a mark": MARK + events("\r\n\r\n", DONE),
  "events after a comment": `: PROCESSING\n\n${events("\r\r", DONE)}`,
  "events without their last blank line": events("\n\n", DONE).trimEnd(),
};
const LARGE = `data:image/png;base64,${"A".repeat(6_000_000)}`;
const scenarios: Record<string, Scenario> = {
  ...Object.fromEntries(
    Object.entries(TYPES).flatMap(([type, headers]) =>
      Object.entries(FORMS).map(([form, body]) => [`${type} ${form}`, raw(200, headers, body)]),
    ),
  ),
  "cut events": raw(200, TYPES["text/plain"] ?? {}, `${chunks[0]}\n\n`),
  "cut json": raw(200, TYPES["text/plain"] ?? {}, whole.slice(0, -2)),
  "cut connection": chat({ answerAs: "stream", chunks: 5 }, {}, { does: "close", at: { afterWrites: 4 } }),
  "error event": raw(
    200,
    TYPES["text/plain"] ?? {},
    'data: {"error":{"message":"The prompt is too long.","code":"context_length_exceeded"}}\n\n',
  ),
  "events with an early usage": raw(
    200,
    {},
    `${[
      chunk({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 } }),
      chunk({ choices: [{ index: 0, delta: { content: "word ".repeat(100) }, finish_reason: "stop" }] }),
      DONE,
    ].join("\n\n")}\n\n`,
  ),
  "large first event": raw(200, {}, [
    `${chunk({ choices: [{ index: 0, delta: { images: [{ image_url: { url: LARGE } }] } }] })}\n\n`,
    events("\n\n", DONE),
  ]),
  "two answers, one finished": raw(200, {}, `${chunks[0]}\n\n${chunks[1]}\n\n`),
};
const gate = await testGateway(modelsPlaying(scenarios));
const METERED = {
  status: "settled",
  usage_source: "provider",
  input_tokens: "7",
  output_tokens: "3",
  // 7 × $2 + 3 × $8 per million
  cost_usd: "0.000038000000",
  http_status: 200,
};

async function ask(model: string, fields: object = {}) {
  const response = await gate.chat({ model, messages, ...fields });
  const text = await response.text();
  return { response, text, row: await gate.settledRow(response.headers.get("x-request-id")) };
}

describe.each(Object.keys(TYPES))("an answer with the content type %s", (type) => {
  test.each(Object.keys(FORMS))("is served whole and metered, as %s", async (form) => {
    const { response, text, row } = await ask(`${type} ${form}`);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(text)).toEqual(JSON.parse(whole));
    expect(text.startsWith("{") || text.startsWith("\n")).toBe(true);
    expect(response.headers.get("x-tollgate-cost-usd")).toBe("0.000038");
    expect(row).toMatchObject(METERED);
  });

  test.each(Object.keys(FORMS))("is streamed and metered, as %s", async (form) => {
    const { response, text, row } = await ask(`${type} ${form}`, {
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const payloads = text
      .split(/\r\n|\r|\n/)
      .filter((line) => line.startsWith("data: "))
      .map((line) => line.slice(6));
    expect(payloads.at(-1)).toBe("[DONE]");
    const parsed = payloads.slice(0, -1).map((payload) => JSON.parse(payload));
    expect(parsed.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("Hello there");
    expect(parsed.map(({ choices }) => choices[0]?.finish_reason ?? "").join("")).toBe("stop");
    expect(parsed.at(-1)).toMatchObject({ choices: [], usage });
    expect(row).toMatchObject({ ...METERED, stream: true });
  });
});

describe("an answer that was cut is not served as whole", () => {
  test.each(["cut events", "cut json", "cut connection"])("%s", async (model) => {
    const { response, text, row } = await ask(model);
    expect(response.status).toBe(502);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "upstream_error" } });
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated", http_status: 502 });
  });

  test("nor one of which only one of two answers is finished", async () => {
    const { response } = await ask("two answers, one finished", { n: 2 });
    expect(response.status).toBe(502);
    const { response: single } = await ask("two answers, one finished");
    expect(single.status).toBe(200);
  });
});

test("an error event for a whole request is an HTTP error that costs nothing", async () => {
  const { response, text, row } = await ask("error event");
  expect(response.status).toBe(400);
  expect(JSON.parse(text)).toMatchObject({ error: { code: "context_length_exceeded" } });
  expect(row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
});

test.each([false, true])(
  "a usage from before the content does not count it, streamed: %s",
  async (stream) => {
    const { row } = await ask("events with an early usage", { stream });
    expect(row).toMatchObject({ usage_source: "estimated", status: "settled" });
    expect(Number(row.output_tokens)).toBeGreaterThan(50);
  },
);

test("a stream may begin with one event of 6 MB", async () => {
  const { text, row } = await ask("large first event", { stream: true });
  expect(text.length).toBeGreaterThan(LARGE.length);
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(row).toMatchObject(METERED);
});

test("a client that did not ask for the usage of a stream does not get it, and the books balance", async () => {
  const { text } = await ask("text/plain json", { stream: true });
  expect(text).not.toContain('"usage"');
  await expectBalancedBooks(gate);
});
