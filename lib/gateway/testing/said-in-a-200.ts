import { raw, type Scenario } from "#lib/testing/upstream/scenario";

const JSON_TYPE = { "content-type": "application/json" };
const SSE = { "content-type": "text/event-stream" };

const chunk = (fields: object) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", ...fields })}\n\n`;
/** An event with one choice. */
export const delta = (fields: object, more: object = {}) =>
  chunk({ choices: [{ index: 0, delta: fields, finish_reason: null, ...more }] });
/** What may come before the first content. */
export const NOTHING_YET = [
  ": OPENROUTER PROCESSING\n\n",
  chunk({ choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] }),
  delta({ role: "assistant", content: "", refusal: null }),
  delta({}),
  delta({ content: null, tool_calls: [] }),
];
const USAGE = { prompt_tokens: 20, completion_tokens: 198, total_tokens: 623 };
const error = { message: "Failed halfway with {{api_key}}.", type: "server_error", code: 500 };

const PARTIAL_USAGES = {
  "input-only": { prompt_tokens: 20 },
  "output-only": { completion_tokens: 603 },
  "total-only": { total_tokens: 623 },
};

/** What providers say with a status of 200, and how it arrives. {{api_key}} is our credential there. */
export const SAID_IN_A_200: Readonly<Record<string, Scenario>> = {
  page: raw(
    200,
    { "content-type": "text/html" },
    "<!DOCTYPE html><html><body>Sign in, {{api_key}}</body></html>",
  ),
  "page-as-json": raw(200, JSON_TYPE, "<html><body>Sign in, {{api_key}}</body></html>"),
  empty: raw(200, JSON_TYPE, ""),
  "empty-sse": raw(200, SSE, ""),
  "plain-text": raw(200, { "content-type": "text/plain" }, "upstream of {{api_key}} is not healthy"),
  "words-in-event": raw(200, SSE, [...NOTHING_YET, "data: Bad gateway of {{api_key}}\n\n"]),
  "page-in-event": raw(200, SSE, "data: <html><body>Sign in, {{api_key}}</body></html>\n\n"),
  "named-event": raw(200, SSE, [...NOTHING_YET, "event: error\ndata: broken, {{api_key}}\n\n"]),
  "named-event-json": raw(200, SSE, 'event: error\ndata: {"message":"broken, {{api_key}}"}\n\n'),
  "usage-beside": raw(200, JSON_TYPE, JSON.stringify({ error, usage: USAGE })),
  "usage-beside-event": raw(200, SSE, [
    ...NOTHING_YET,
    `data: ${JSON.stringify({ error, usage: USAGE })}\n\n`,
  ]),
  "usage-before-event": raw(200, SSE, [
    chunk({ choices: [], usage: USAGE }),
    `data: ${JSON.stringify({ error })}\n\n`,
  ]),
  "usage-after-event": raw(200, SSE, [
    `data: ${JSON.stringify({ error })}\n\n`,
    chunk({ choices: [], usage: USAGE }),
    "data: [DONE]\n\n",
  ]),
  "usage-after-content": raw(200, SSE, [
    delta({ content: "Half an answer" }),
    `data: ${JSON.stringify({ error })}\n\n`,
    chunk({ choices: [], usage: USAGE }).trimEnd(),
  ]),
  "usage-of-zero-beside": raw(
    200,
    JSON_TYPE,
    JSON.stringify({ error, usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }),
  ),
  "usage-beside-400": raw(
    400,
    JSON_TYPE,
    JSON.stringify({ error: { message: "Flagged after 603 tokens." }, usage: USAGE }),
  ),
  "usage-beside-500": raw(500, JSON_TYPE, JSON.stringify({ error, usage: USAGE })),
  "content-beside": raw(
    200,
    JSON_TYPE,
    JSON.stringify({
      choices: [{ index: 0, message: { content: "Half an answer" }, finish_reason: "error", error }],
    }),
  ),
  "rate-limited-header": raw(
    200,
    { ...JSON_TYPE, "retry-after": "12" },
    JSON.stringify({ error: { message: "Slow down.", code: 429 } }),
  ),
  created: raw(
    201,
    JSON_TYPE,
    JSON.stringify({
      choices: [{ index: 0, message: { content: "Hm" }, finish_reason: "stop" }],
      usage: USAGE,
    }),
  ),
  "created-error": raw(201, JSON_TYPE, JSON.stringify({ error })),
  "no-content": raw(204, {}, ""),
  "stream-zero-usage": raw(200, SSE, [
    delta({ content: "Free" }),
    delta({}, { finish_reason: "stop" }),
    chunk({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }),
    "data: [DONE]\n\n",
  ]),
  "stream-hidden-usage": raw(200, SSE, [
    delta({ content: "Hm" }),
    delta({}, { finish_reason: "stop", usage: USAGE }),
    "data: [DONE]\n\n",
  ]),
  "stream-cumulative-usage": raw(200, SSE, [
    chunk({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 0 } }),
    delta({ content: "One" }, { usage: { prompt_tokens: 20, completion_tokens: 100 } }),
    delta({ content: " two" }),
    delta({}, { finish_reason: "stop" }),
    chunk({
      choices: [],
      x_groq: { usage: { prompt_tokens: 0, completion_tokens: 603, total_tokens: 603 } },
    }),
    "data: [DONE]\n\n",
  ]),
  "stream-early-zero-usage": raw(200, SSE, [
    chunk({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }),
    ...Array(50).fill(delta({ content: " word" })),
    delta({}, { finish_reason: "stop" }),
    "data: [DONE]\n\n",
  ]),
  "stream-usage-after-end": raw(
    200,
    SSE,
    `${delta({ content: "Hm" })}${delta({}, { finish_reason: "stop" })}data: [DONE]\n\n${chunk({ choices: [], usage: USAGE })}`,
  ),
  "stream-usage-per-chunk": raw(200, SSE, [
    ...Array(50).fill(delta({ content: " word" }, { usage: { prompt_tokens: 20, completion_tokens: 1 } })),
    delta({}, { finish_reason: "stop" }),
    "data: [DONE]\n\n",
  ]),
  "stream-early-usage": raw(200, SSE, [
    chunk({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 0, total_tokens: 20 } }),
    ...Array(50).fill(delta({ content: " word" })),
    `data: ${JSON.stringify({ error })}\n\n`,
  ]),
  "key-after-content": raw(200, SSE, [
    delta({ content: "Half an answer" }),
    `data: ${JSON.stringify({ error: { message: "Incorrect API key provided: {{api_key}}.", code: "invalid_api_key" } })}\n\n`,
  ]),
  "only-nothing": raw(200, SSE, NOTHING_YET),
  "only-done": raw(200, SSE, "data: [DONE]\n\n"),
  "only-usage": raw(200, SSE, [chunk({ choices: [], usage: USAGE }), "data: [DONE]\n\n"]),
  "only-role-and-usage": raw(200, SSE, [
    ...NOTHING_YET,
    chunk({ choices: [], usage: USAGE }),
    "data: [DONE]\n\n",
  ]),
  "usage-without-done": raw(200, SSE, chunk({ choices: [], usage: USAGE })),
  "usage-without-choices": raw(200, JSON_TYPE, JSON.stringify({ id: "c", usage: USAGE })),
  "usage-and-no-choice": raw(200, JSON_TYPE, JSON.stringify({ choices: [], usage: USAGE })),
  "usage-and-empty-message": raw(
    200,
    JSON_TYPE,
    JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "" } }], usage: USAGE }),
  ),
  number: raw(200, JSON_TYPE, "5"),
  null: raw(200, JSON_TYPE, "null"),
  "number-event": raw(200, SSE, [...NOTHING_YET, "data: 5\n\n", delta({ content: "Hi" })]),
  "list-event": raw(200, SSE, "data: [1]\n\n"),
  "null-event": raw(200, SSE, ["data: null\n\n", "data: {}\n\n", "data: [DONE]\n\n"]),
  "number-after-content": raw(200, SSE, [delta({ content: "Half" }), "data: 5\n\n", "data: [DONE]\n\n"]),
  "no-choices": raw(200, JSON_TYPE, '{"id":"c","choices":[]}'),
  "after-content": raw(200, SSE, [
    ...NOTHING_YET,
    delta({ content: "Half an answer" }),
    `data: ${JSON.stringify({ error })}\n\n`,
  ]),
  "after-content-in-choice": raw(200, SSE, [
    delta({ content: "Half an answer" }),
    delta({ content: "" }, { finish_reason: "error", error }),
    "data: [DONE]\n\n",
  ]),
  "late-content": {
    ...raw(200, SSE, [
      ...NOTHING_YET,
      delta({ content: "Late" }),
      delta({}, { finish_reason: "stop" }),
      "data: [DONE]\n\n",
    ]),
    framing: { paceMs: 60 },
  },
  "call-only": raw(200, SSE, [
    ...NOTHING_YET,
    delta({
      tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "now", arguments: "" } }],
    }),
    delta({}, { finish_reason: "tool_calls" }),
    "data: [DONE]\n\n",
  ]),
  "failure-reason": raw(200, SSE, [
    ...NOTHING_YET,
    delta({ content: "" }, { finish_reason: "network_error" }),
    "data: [DONE]\n\n",
  ]),
  "failure-reason-whole": raw(
    200,
    JSON_TYPE,
    JSON.stringify({
      choices: [{ message: { content: "" }, finish_reason: "insufficient_system_resource" }],
    }),
  ),
  "finish-only": raw(200, SSE, [
    delta({ role: "assistant" }),
    delta({}, { finish_reason: "length" }),
    "data: [DONE]\n\n",
  ]),
  heartbeats: {
    ...raw(200, SSE, [...Array(200).fill(": ping\n\n")]),
    framing: { paceMs: 20 },
  },
  ...Object.fromEntries(
    Object.entries(PARTIAL_USAGES).flatMap(([name, usage]): [string, Scenario][] => {
      const message = { role: "assistant", content: "Hm" };
      const choices = [{ index: 0, message, finish_reason: "stop" }];
      const chunks = [delta({ content: "Hm" }), delta({}, { finish_reason: "stop" })];
      return [
        [`${name}-whole`, raw(200, JSON_TYPE, JSON.stringify({ choices, usage }))],
        [`${name}-stream`, raw(200, SSE, [...chunks, chunk({ choices: [], usage }), "data: [DONE]\n\n"])],
        [`${name}-first`, raw(200, SSE, [chunk({ choices: [], usage }), ...chunks, "data: [DONE]\n\n"])],
        [`${name}-unusable`, raw(200, JSON_TYPE, JSON.stringify({ choices: [], usage }))],
        [`${name}-error`, raw(200, JSON_TYPE, JSON.stringify({ error, usage }))],
      ];
    }),
  ),
  "usage-in-two-parts": raw(200, SSE, [
    chunk({ choices: [], usage: { prompt_tokens: 20 } }),
    delta({ content: "Hm" }),
    delta({}, { finish_reason: "stop", usage: { completion_tokens: 603 } }),
    "data: [DONE]\n\n",
  ]),
  "zero-usage": raw(
    200,
    JSON_TYPE,
    JSON.stringify({
      choices: [{ index: 0, message: { role: "assistant", content: "Free" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    }),
  ),
  "hidden-usage": raw(
    200,
    JSON_TYPE,
    JSON.stringify({
      choices: [{ index: 0, message: { role: "assistant", content: "Hm" }, finish_reason: "stop" }],
      usage: USAGE,
    }),
  ),
};
