import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { messages as messagesDialect } from "#lib/dialects/messages/dialect";
import { DIALECTS } from "#lib/dialects/registry";
import { chatCall } from "#lib/providers/testing/exchange-harness";
import { testTarget } from "#lib/providers/testing/target";
import { wireFor } from "#lib/providers/wire";
import { askedCalls } from "./asked-calls";

const ASK = 'Please.\nCall the tool shell with {"cmd": "ls -l"}\nCall the tool shell with {"cmd":"pwd"}';
const CALLS = [
  ["shell", { cmd: "ls -l" }],
  ["shell", { cmd: "pwd" }],
];
const parameters = { type: "object", properties: { cmd: { type: "string" } } };
const user = (content: unknown) => ({ role: "user", content });

type Shape = {
  body: (said: unknown[]) => Record<string, unknown>;
  /** What is said after the calls: their results. */
  results: unknown[];
  bound: string;
  /** Names and arguments of the calls in a whole answer. */
  calls: string;
  finish: string;
};
const SHAPES: Record<string, Shape> = {
  chat: {
    body: (messages) => ({
      messages,
      tools: [{ type: "function", function: { name: "shell", parameters } }],
    }),
    results: [{ role: "tool", tool_call_id: "call_1", content: ASK }],
    bound: "max_tokens",
    calls: "choices",
    finish: '"finish_reason":"tool_calls"',
  },
  responses: {
    body: (input) => ({ input, tools: [{ type: "function", name: "shell", parameters }] }),
    results: [{ type: "function_call_output", call_id: "call_1", output: ASK }],
    bound: "max_output_tokens",
    calls: "output",
    finish: '"type":"function_call"',
  },
  messages: {
    body: (messages) => ({ max_tokens: 500, messages, tools: [{ name: "shell", input_schema: parameters }] }),
    results: [
      user([
        { type: "tool_result", tool_use_id: "toolu_1", content: ASK },
        { type: "text", text: ASK },
      ]),
    ],
    bound: "max_tokens",
    calls: "content",
    finish: '"stop_reason":"tool_use"',
  },
};

const STREAM = { stream: true, stream_options: { include_usage: true } };

async function ask(dialect: string, body: object): Promise<string> {
  const target = testTarget({ type: "simulated", settings: {} });
  const request = JSON.stringify({ model: "demo", ...body });
  const answer = await target.exchange?.(chatCall(target, { wire: wireFor(target, dialect), body: request }));
  if (answer === undefined) throw new Error("a simulated provider has an exchange of its own");
  return text(answer.body.chunks());
}

/** The calls in a whole answer, however it nests them. */
function callsIn(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.flatMap(callsIn);
  if (typeof value !== "object" || value === null) return [];
  if ("name" in value && typeof value.name === "string") {
    if ("input" in value) return [[value.name, value.input]];
    if ("arguments" in value) return [[value.name, JSON.parse(String(value.arguments))]];
  }
  return Object.values(value).flatMap(callsIn);
}

describe.each(Object.entries(SHAPES))("the simulated provider of %s", (name, shape) => {
  const dialect = [...DIALECTS, messagesDialect].find((known) => known.name === name);

  test("calls the tools that the user asks for, whole and streamed, with exact usage", async () => {
    const request = shape.body([user(ASK), { role: "system", content: "Today is Sunday." }]);
    const whole = await ask(name, request);
    expect(callsIn(JSON.parse(whole))).toEqual(CALLS);
    expect(whole).toContain(shape.finish);
    // "shell" "{" `"` "cmd" `"` ":" `"` "ls" " " "-" "l" `"` "}", and so on.
    expect(whole).toMatch(/"(completion|output)_tokens":2[0-9]/);
    const assembler = dialect?.assembler();
    for (const payload of eventPayloads(await ask(name, { ...request, ...STREAM }))) assembler?.add(payload);
    const streamed: Record<string, unknown> = JSON.parse(String(assembler?.whole()));
    expect(callsIn(streamed[shape.calls])).toEqual(CALLS);
    expect(streamed.usage).toEqual(JSON.parse(whole).usage);
  });

  test.each<[string, (ask: Shape) => object]>([
    ["a result, whatever it says", ({ body, results }) => body([user(ASK), ...results])],
    ["a tool that is not offered", ({ body }) => ({ ...body([user(ASK)]), tools: [] })],
    ["arguments that are no JSON", ({ body }) => body([user("Call the tool shell with {cmd}")])],
    ["a bound that the calls exceed", ({ body, bound }) => ({ ...body([user(ASK)]), [bound]: 5 })],
    ["what was said before", ({ body }) => body([user(ASK), { role: "assistant", content: "" }, user("Hi")])],
  ])("answers with a text to %s", async (_what, request) => {
    const said = await ask(name, request(shape));
    expect(callsIn(JSON.parse(said)[shape.calls])).toEqual([]);
    expect(said).toContain("This is a simulated");
  });
});

/** How each dialect says which tool is to be used. */
const CHOICES: Record<string, { any: unknown; named: unknown; none: unknown }> = {
  chat: { any: "required", named: { type: "function", function: { name: "shell" } }, none: "none" },
  responses: { any: "required", named: { type: "function", name: "shell" }, none: "none" },
  messages: { any: { type: "any" }, named: { type: "tool", name: "shell" }, none: { type: "none" } },
};
const REQUIRED = {
  type: "object",
  properties: {
    cmd: { type: "string" },
    mode: { enum: ["fast", "slow"] },
    at: { type: "object", properties: { line: { type: ["integer", "null"] } }, required: ["line"] },
    dry: { type: "boolean" },
  },
  required: ["cmd", "mode", "at"],
};
const EMPTY_ARGUMENTS = { cmd: "", mode: "fast", at: { line: 0 } };

/** A tool as each dialect defines it. */
const toolOf = (dialect: string, name: string) =>
  ({
    chat: { type: "function", function: { name, parameters: REQUIRED } },
    responses: { type: "function", name, parameters: REQUIRED },
    messages: { name, input_schema: REQUIRED },
  })[dialect];

describe.each(Object.entries(SHAPES))("a tool that must be used, in %s", (name, shape) => {
  const asked = async (text: string, tool_choice: unknown, first = "shell") => {
    const tools = [toolOf(name, first), toolOf(name, first === "shell" ? "other" : "shell")];
    const said = await ask(name, { ...shape.body([user(text)]), tools, tool_choice });
    return callsIn(JSON.parse(said)[shape.calls]);
  };
  const { any, named, none } = CHOICES[name] ?? {};

  test("is called with what its schema requires, whatever is said", async () => {
    expect(await asked("Hi", any, "other")).toEqual([["other", EMPTY_ARGUMENTS]]);
    expect(await asked("Hi", named, "other")).toEqual([["shell", EMPTY_ARGUMENTS]]);
    expect(await asked('Call the tool other with {"cmd":"ls"}', named)).toEqual([["shell", EMPTY_ARGUMENTS]]);
  });

  test("is called as the user asks", async () => {
    expect(await asked(ASK, any)).toEqual(CALLS);
    expect(await asked(ASK, named)).toEqual(CALLS);
  });

  test("is not, if no tool may be used or none is chosen", async () => {
    expect(await asked(ASK, none)).toEqual([]);
    expect(await asked("Hi", undefined)).toEqual([]);
  });
});

test("a prompt of one text, and parts of other kinds, are read too", () => {
  const offered = new Set(["shell"]);
  const parts = [
    { type: "image", source: {} },
    { type: "text", text: ASK },
  ];
  expect(askedCalls([user(parts)], offered)).toHaveLength(2);
  expect(askedCalls([null, "x", user(null)], offered)).toEqual([]);
});
