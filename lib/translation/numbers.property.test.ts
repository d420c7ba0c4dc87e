import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { spelledNumber } from "#lib/dialects/testing/spelled-number";
import { withoutEnvelopes } from "./passed-envelopes";
import { CLIENTS, WIRES } from "./registry";
import { requestOf } from "./testing/answers/heard";
import { named } from "./testing/named";
import { answeredBy, clientNamed, translationOf } from "./testing/translate";
import { wordsOf } from "./testing/wire-words";

/** In the place of a number that JavaScript would spell in another way. */
const NUMBER = "NUMBER";
/** The JSON text with the number, also in a text that is JSON itself. */
const spelled = (value: unknown, number: string): string =>
  JSON.stringify(value).replace(/(\\?)"NUMBER\1"/g, number);

const args = { id: NUMBER, inner: [{ least: NUMBER }] };
const schema = {
  type: "object",
  properties: { id: { type: "integer", maximum: NUMBER, enum: [NUMBER, "a"] }, one: { const: NUMBER } },
};

const user = { role: "user", content: "Hi" };
const REQUESTS: Readonly<Record<string, object>> = {
  chat: {
    model: "m",
    messages: [
      user,
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "c1", type: "function", function: { name: "look", arguments: JSON.stringify(args) } },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: "Yes" },
    ],
    tools: [{ type: "function", function: { name: "look", description: "Looks", parameters: schema } }],
    response_format: { type: "json_schema", json_schema: { name: "a", schema } },
  },
  messages: {
    model: "m",
    max_tokens: 4_000,
    messages: [
      user,
      { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "look", input: args }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "Yes" }] },
    ],
    tools: [{ name: "look", description: "Looks", input_schema: schema }],
    output_config: { format: { type: "json_schema", schema } },
  },
  responses: {
    model: "m",
    input: [
      user,
      { type: "function_call", call_id: "c1", name: "look", arguments: JSON.stringify(args) },
      { type: "function_call_output", call_id: "c1", output: "Yes" },
    ],
    tools: [{ type: "function", name: "look", description: "Looks", parameters: schema }],
    text: { format: { type: "json_schema", name: "a", schema } },
  },
};

/** Models that take schemas. */
const modelOf = (wire: string): string =>
  wire === "converse" ? "us.anthropic.claude-sonnet-4-5-20250929-v1:0" : wordsOf(wire).model;

const PLANS = CLIENTS.flatMap(({ dialect: { name: dialect } }) =>
  WIRES.filter(({ name }) => name !== dialect).map(({ name: wire }) => ({ dialect, wire })),
);

const SENT = {
  outputLimitTokens: null,
  requestId: "r",
  mostTokens: null,
  defaultMaxTokens: 4_000,
  reasoningLimitTokens: null,
};

describe.each(PLANS)("from $dialect to $wire", ({ dialect, wire }) => {
  test("numbers in arguments and schemas are sent as the client spells them", () => {
    fc.assert(
      fc.property(spelledNumber, (number) => {
        const call = clientNamed(dialect).dialect.parse(spelled(REQUESTS[dialect], number));
        const lane = translationOf(dialect, wire, modelOf(wire));
        expect(lane.plan(call).refused).toEqual([]);
        const body = lane.begin(call, SENT).body.replaceAll("\\", "");
        expect(body).toContain(spelled(args, number));
        const inSchemas = `"maximum":${number},"enum":[${number},"a"]},"one":{"const":${number}}`;
        expect(body.split(inSchemas)).toHaveLength(3);
      }),
      { numRuns: 40 },
    );
  });
});

const choice = (fields: object) => ({ choices: [{ index: 0, finish_reason: "tool_calls", ...fields }] });
const called = { id: "c1", type: "function", function: { name: "look", arguments: args } };
const gemini = {
  candidates: [
    { content: { parts: [{ functionCall: { name: "look", args } }], role: "model" }, finishReason: "STOP" },
  ],
};
const message = { type: "message", role: "assistant", stop_reason: "tool_use" };
const toolUse = { type: "tool_use", id: "c1", name: "look", input: args };
const converseUse = { toolUseId: "c1", name: "look" };
const response = {
  id: "r",
  status: "completed",
  output: [{ type: "function_call", call_id: "c1", name: "look", arguments: JSON.stringify(args) }],
};

/** A call, whole and in events by their names, on each wire. */
const ANSWERS: Readonly<Record<string, { whole: object; events: readonly (readonly [string, object])[] }>> = {
  gemini: { whole: gemini, events: [["", gemini]] },
  chat: {
    whole: choice({ message: { role: "assistant", content: null, tool_calls: [called] } }),
    events: [["", choice({ delta: { tool_calls: [{ index: 0, ...called }] } })]],
  },
  messages: {
    whole: { ...message, content: [toolUse] },
    events: [
      ["content_block_start", { type: "content_block_start", index: 0, content_block: toolUse }],
      ["content_block_stop", { type: "content_block_stop", index: 0 }],
      ["message_delta", { type: "message_delta", delta: { stop_reason: "tool_use" } }],
    ],
  },
  converse: {
    whole: {
      output: { message: { role: "assistant", content: [{ toolUse: { ...converseUse, input: args } }] } },
      stopReason: "tool_use",
    },
    events: [
      ["contentBlockStart", { start: { toolUse: converseUse } }],
      ["contentBlockDelta", { delta: { toolUse: { input: JSON.stringify(args) } } }],
      ["contentBlockStop", {}],
      ["messageStop", { stopReason: "tool_use" }],
    ],
  },
  responses: { whole: response, events: [["", { type: "response.completed", response }]] },
};

/** The whole answer that a client's events add up to. */
function assembled(dialect: string, events: string): string {
  const assembler = clientNamed(dialect).dialect.assembler();
  for (const payload of eventPayloads(events)) assembler.add(payload);
  return String(assembler.whole());
}

describe.each(PLANS)("to $dialect from $wire", ({ dialect, wire }) => {
  const { whole, events } = named(ANSWERS, wire);

  test("numbers in arguments arrive as the provider spells them", async () => {
    await fc.assert(
      fc.asyncProperty(spelledNumber, async (number) => {
        const expected = spelled(args, number);
        const heard = await answeredBy(dialect, wire, requestOf(dialect, false), [spelled(whole, number)]);
        expect(heard.replaceAll("\\", "")).toContain(expected);
        const stream = events.map(([name, event]) => `event: ${name}\ndata: ${spelled(event, number)}\n\n`);
        const streamed = await answeredBy(dialect, wire, requestOf(dialect, true), stream);
        expect(assembled(dialect, streamed).replaceAll("\\", "")).toContain(expected);
      }),
      { numRuns: 25 },
    );
  });
});

/** What passes through, but for what is put together, taken apart or opened on its way. */
describe("where nothing is translated", () => {
  test("numbers in arguments are as they are spelled, in parts and whole", () => {
    fc.assert(
      fc.property(spelledNumber, (number) => {
        const { dialect } = clientNamed("messages");
        const whole = spelled({ ...message, content: [toolUse] }, number);
        const events = dialect.split(Buffer.from(whole));
        expect(assembled("messages", String(events))).toContain(spelled(args, number));
      }),
    );
  });

  test("numbers of a conversation whose envelopes are opened are as they are spelled", () => {
    fc.assert(
      fc.property(spelledNumber, (number) => {
        const body = spelled({ ...REQUESTS.messages, temperature: NUMBER }, number);
        expect(withoutEnvelopes(body, "messages", "AAAAAAAA").body).toBe(body);
      }),
    );
  });
});
