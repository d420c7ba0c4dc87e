import { describe, test } from "vitest";
import { scenarioGateway } from "#lib/gateway/testing/scenario-gateway";
import { raw, type Scenario } from "#lib/testing/upstream/scenario";

const SSE = { "content-type": "text/event-stream" };
const JSON_TYPE = { "content-type": "application/json" };
const KEY = "{{api_key}}";
const chunk = (fields: object) => `data: ${JSON.stringify({ id: "c", ...fields })}\n\n`;
const delta = (fields: object, more: object = {}) =>
  chunk({ choices: [{ index: 0, delta: fields, finish_reason: null, ...more }] });
const CONTENT = delta({ content: "Hello" });
const FINISH = `${delta({}, { finish_reason: "stop" })}data: [DONE]\n\n`;

/** What a provider may send besides content, with our key in it. */
const PLACES: Readonly<Record<string, string>> = {
  comment: `: key ${KEY}\n\n`,
  "comment in an event": `: ${KEY}\n${delta({ content: "" })}`,
  "comment after the data": `${delta({ content: "" }).trimEnd()}\n: ${KEY}\n\n`,
  "event name": `event: ${KEY}\n${delta({ content: "" })}`,
  "event name alone": `event: ${KEY}\n\n`,
  id: `id: ${KEY}\r\n${delta({ content: "" })}`,
  retry: `retry: ${KEY}\r\r`,
  "unknown field": `x-key: ${KEY}\n\n`,
  "field without a value": `${KEY}\n\n`,
  ping: chunk({ type: "ping", key: KEY }),
  "notice of a queue": chunk({ status: "queued", key: KEY }),
  "field of a chunk": chunk({ choices: [], x_request: { authorization: `Bearer ${KEY}` } }),
  "name of a field": chunk({ choices: [], [KEY]: 1 }),
  "echo as content": delta({ content: `You are ${KEY}` }),
  "event of several lines": `data: {"choices":[],\ndata: "key":"${KEY}"}\n\n`,
};
const ENDS: Readonly<Record<string, string>> = {
  "after the end": `${FINISH}: ${KEY}\n\ndata: ${KEY}\n\n`,
  error: `data: {"error":{"message":"Failed with ${KEY}","code":500}}\n\n`,
  "error in a text": `data: Failed with ${KEY}\n\n`,
  "named error": `event: error\ndata: Failed with ${KEY}\n\n`,
  "half an event": `data: {"key":"${KEY}`,
  "half a comment": `: ${KEY}`,
};
const whole = (fields: object, message: object = {}) =>
  JSON.stringify({
    id: "c",
    choices: [
      { index: 0, message: { role: "assistant", content: "Hello", ...message }, finish_reason: "stop" },
    ],
    ...fields,
  });
const BODIES: Readonly<Record<string, string>> = {
  "field of an answer": whole({ headers: { authorization: `Bearer ${KEY}` } }),
  "name of a field of an answer": whole({ [KEY]: 1 }),
  "content of an answer": whole({}, { content: `You are ${KEY}` }),
};

const streams: [string, string][] = [
  ...Object.entries(PLACES).flatMap(([name, text]): [string, string][] => [
    [`${name}, before the content`, text + CONTENT + FINISH],
    [`${name}, after the content`, CONTENT + text + FINISH],
  ]),
  ...Object.entries(ENDS).flatMap(([name, text]): [string, string][] => [
    [`${name}, after the content`, CONTENT + text],
    [`${name}, first`, text],
  ]),
];
const scenarios: Record<string, Scenario> = {
  ...Object.fromEntries(streams.map(([name, text]) => [name, raw(200, SSE, text)])),
  ...Object.fromEntries(
    streams.map(([name, text]) => [
      `${name}, in pieces`,
      { ...raw(200, SSE, text), framing: { writeBytes: 5 } },
    ]),
  ),
  ...Object.fromEntries(Object.entries(BODIES).map(([name, text]) => [name, raw(200, JSON_TYPE, text)])),
};
const { ask, expectNoKey } = await scenarioGateway(scenarios);

describe("our key at a provider never reaches a tenant", () => {
  test.each(Object.keys(scenarios))("%s", async (model) => {
    for (const stream of [true, false]) {
      const { response, text, row } = await ask(model, stream);
      expectNoKey(text, [...response.headers], row);
    }
  });
});
