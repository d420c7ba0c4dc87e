import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { pushBytes, pushEnd, streamMeter } from "#lib/dialects/events/stream-meter";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { upstreamBody } from "#lib/providers/upstream-body";
import { decodeMessages } from "./clients/messages/decode";
import type { Delta } from "./delta";
import { answering, callOf, eventsOf, SENT, translationOf, wireNamed } from "./testing/translate";

type Event = readonly [name: string, payload: JsonObject];
type Words = {
  content: Event;
  /** A report of these counts, in the middle of a stream. */
  usage: (input: number, output: number) => Event;
};

const typed = (event: JsonObject & { type: string }): Event => [event.type, event];

/** How each wire says a text, and what was used. */
const WIRES: Readonly<Record<string, Words>> = {
  chat: {
    content: ["", { choices: [{ delta: { content: "word" } }] }],
    usage: (input, output) => [
      "",
      { choices: [], usage: { prompt_tokens: input, completion_tokens: output } },
    ],
  },
  responses: {
    content: typed({ type: "response.output_text.delta", output_index: 0, delta: "word" }),
    usage: (input, output) =>
      typed({
        type: "response.completed",
        response: { output: [], usage: { input_tokens: input, output_tokens: output } },
      }),
  },
  messages: {
    content: typed({ type: "content_block_delta", delta: { type: "text_delta", text: "word" } }),
    usage: (input, output) =>
      typed({ type: "message_delta", delta: {}, usage: { input_tokens: input, output_tokens: output } }),
  },
  gemini: {
    content: ["", { candidates: [{ content: { parts: [{ text: "word" }] } }] }],
    usage: (input, output) => [
      "",
      { usageMetadata: { promptTokenCount: input, candidatesTokenCount: output } },
    ],
  },
  converse: {
    content: ["contentBlockDelta", { delta: { text: "word" } }],
    usage: (input, output) => ["metadata", { usage: { inputTokens: input, outputTokens: output } }],
  },
};

function read(wire: string, events: readonly Event[]) {
  const turn = decodeMessages({ messages: [] });
  const upstreamModel = "us.amazon.nova-2-lite-v1:0";
  const reader = wireNamed(wire).reader({ upstreamModel, scope: "abcdefgh", turn, toolNames: new Map() });
  const out: Delta[] = [];
  for (const [name, payload] of events) reader.event(JSON.stringify(payload), name, out);
  return { out, reported: reader.reported() };
}

describe.each(Object.entries(WIRES))("what is reported by %s", (wire, { content, usage }) => {
  test("counts all until content follows it", () => {
    expect(read(wire, [content, usage(10, 5)]).reported).toMatchObject({
      isOfAll: true,
      usage: { inputTokens: 10, outputTokens: 5 },
    });
    expect(read(wire, [content, usage(10, 5), content]).reported?.isOfAll).toBe(false);
    expect(read(wire, [content, usage(10, 5), content, usage(10, 7)]).reported).toMatchObject({
      isOfAll: true,
      usage: { inputTokens: 10, outputTokens: 7 },
    });
  });

  test("is never less than what was reported before", () => {
    const later = wire === "messages" ? usage(0, 5) : usage(4, 5);
    expect(read(wire, [content, usage(10, 5), later]).reported?.usage).toMatchObject({
      inputTokens: 10,
      outputTokens: 5,
    });
  });
});

describe("Gemini's counts", () => {
  const { content, usage } = WIRES.gemini ?? { content: ["", {}], usage: () => ["", {}] };
  const [, said] = content;
  const saidWith = (usageMetadata: JsonObject): Event => ["", { ...said, usageMetadata }];

  test.each([
    ["before the content", [usage(0, 0), content]],
    ["beside it", [saidWith({ promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 }), content]],
    ["after it", [content, usage(0, 0)]],
  ])("of zero %s are placeholders", (_, events) => {
    expect(read("gemini", events).reported).toBeNull();
  });

  test("of the prompt alone, beside content, leave the output open", () => {
    const counts = { promptTokenCount: 1000, totalTokenCount: 1000 };
    for (const events of [[saidWith(counts)], [content, saidWith(counts)]])
      expect(read("gemini", events).reported?.usage).toMatchObject({
        counts: { input: 1000, output: null, total: null },
      });
    expect(read("gemini", [["", { usageMetadata: counts }]]).reported?.usage).toMatchObject({
      inputTokens: 1000,
      outputTokens: 0,
    });
  });

  test("of thoughts alone, beside a text, leave the output open", () => {
    const counts = { promptTokenCount: 1000, thoughtsTokenCount: 500 };
    const open = { counts: { input: 1000, output: null, reasoning: 500 } };
    for (const total of [{}, { totalTokenCount: 1500 }])
      expect(read("gemini", [saidWith({ ...counts, ...total })]).reported?.usage).toMatchObject(open);
    // What the total has besides is the text.
    const whole = { ...counts, totalTokenCount: 1520 };
    expect(read("gemini", [saidWith(whole)]).reported?.usage).toMatchObject({ outputTokens: 520 });
    // Before a text, they are all that was generated.
    const thought: Event = ["", { candidates: [{ content: { parts: [{ text: "Hm", thought: true }] } }] }];
    expect(read("gemini", [thought, ["", { usageMetadata: counts }]]).reported?.usage).toMatchObject({
      outputTokens: 500,
    });
  });

  test("count without the prompt's", () => {
    const event: Event = ["", { ...said, usageMetadata: { candidatesTokenCount: 5, thoughtsTokenCount: 2 } }];
    expect(read("gemini", [event]).reported?.usage).toMatchObject({ counts: { input: null, output: 7 } });
    const total: Event = ["", { ...said, usageMetadata: { totalTokenCount: 15 } }];
    expect(read("gemini", [total]).reported?.usage).toMatchObject({ counts: { input: null, total: 15 } });
  });

  test("from before the content are not those of a whole answer", async () => {
    const answers = [{ usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 1 } }, said, FINISHED];
    const { body, reading } = answering(
      "chat",
      "gemini",
      "gemini-3.8-flash",
      { model: "m", messages: [{ role: "user", content: "Hi" }] },
      [JSON.stringify(answers)],
    );
    const { usage: whole, outputTokens } = await reading.readWhole(await body.whole(1_000_000));
    expect(whole).toMatchObject({ counts: { input: 9, output: null } });
    expect(outputTokens).toBeGreaterThan(0);
  });
});

const FINISHED = { candidates: [{ content: { parts: [] }, finishReason: "STOP" }] };

/** What the pipeline's meter has read of a stream whose pieces arrive one after the other, and which ends or goes on. */
async function metered(wire: string, events: readonly Event[], isEnded = true) {
  const request = { model: "m", stream: true, messages: [{ role: "user", content: "Hi" }] };
  const filled = upstreamBody({ pause() {}, resume() {}, abort() {} });
  const { answer } = translationOf("chat", wire, "gemini-3.8-flash").begin(callOf("chat", request), SENT);
  const translated = answer({ status: 200, headers: {}, body: filled.body });
  const meter = streamMeter(translated.dialect.events, { passUsage: true, answers: 1 });
  const chunks = translated.answer.body.chunks();
  for (const [name, payload] of events) {
    const next = chunks.next();
    filled.push(Buffer.from((name === "" ? "" : `event: ${name}\n`) + eventsOf([payload])));
    const { value } = await next;
    if (value !== undefined) pushBytes(meter, value);
  }
  if (!isEnded) return meter;
  filled.end();
  for await (const chunk of chunks) pushBytes(meter, chunk);
  pushEnd(meter);
  return meter;
}

describe("a stream that ends in an error", () => {
  const ERROR: Event = ["", { error: { code: 500, message: "Failed.", status: "INTERNAL" } }];

  test.each(["chat", "gemini"])("has the usage that comes after it: %s", async (wire) => {
    const { content, usage } = WIRES[wire] ?? {};
    if (content === undefined || usage === undefined) throw new Error("no such wire");
    for (const events of [
      [ERROR, usage(10, 5)],
      [content, ERROR, usage(10, 5)],
    ]) {
      const { fault, usage: found } = await metered(wire, events);
      expect(fault?.kind).toBe("provider_error");
      expect(found).toMatchObject({ inputTokens: 10, outputTokens: 5 });
    }
  });
});

describe("an error that is reported with a usage, in the provider's own form", () => {
  const BESIDE: Readonly<Record<string, JsonObject>> = {
    chat: { usage: { prompt_tokens: 10, completion_tokens: 5 } },
    responses: { usage: { input_tokens: 10, output_tokens: 5 } },
    messages: { usage: { input_tokens: 10, output_tokens: 5 } },
    gemini: { usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 } },
    converse: { usage: { inputTokens: 10, outputTokens: 5 } },
  };
  const error = { code: 500, message: "Failed.", type: "server_error", status: "INTERNAL" };
  const REQUESTS: Readonly<Record<string, object>> = {
    chat: { model: "m", messages: [{ role: "user", content: "Hi" }] },
    messages: { model: "m", max_tokens: 5, messages: [{ role: "user", content: "Hi" }] },
    responses: { model: "m", input: "Hi" },
  };
  const cases = Object.entries(BESIDE).flatMap(([wire, usage]) =>
    Object.entries(REQUESTS)
      .filter(([client]) => client !== wire)
      .map(([client, request]) => ({ client, wire, request, usage })),
  );

  test.each(cases)("counts: $client by $wire", async ({ client, wire, request, usage }) => {
    const body = { type: "error", error, ...usage };
    for (const status of [200, 500]) {
      const filled = upstreamBody({ pause() {}, resume() {}, abort() {} });
      const { answer } = translationOf(client, wire, "gemini-3.8-flash").begin(callOf(client, request), SENT);
      const translated = answer({ status, headers: {}, body: filled.body });
      filled.push(Buffer.from(JSON.stringify(body)));
      filled.end();
      const read = await translated.dialect.readWhole(await translated.answer.body.whole(1_000_000));
      expect(read).toMatchObject({ said: "error", usage: { inputTokens: 10, outputTokens: 5 } });
    }
    const { out, reported } = read(wire, [["error", body]]);
    expect(out).toMatchObject([{ kind: "error" }]);
    expect(reported?.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
  });
});

describe("a stream that reports a usage and says nothing", () => {
  test.each(["gemini", "converse"])("has that usage before its end, and at it: %s", async (wire) => {
    const { usage } = WIRES[wire] ?? {};
    if (usage === undefined) throw new Error("no such wire");
    expect((await metered(wire, [usage(10, 5)])).usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
    const cut = await metered(wire, [usage(10, 5)], false);
    expect(cut.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
  });
});

describe("output that cannot be read", () => {
  const MALFORMED = { candidates: [{ content: {}, finishReason: "MALFORMED_FUNCTION_CALL" }] };
  const INVALID = { kind: "error", detail: { code: "malformed_output", status: 502 } };

  test.each<[string, string, Event[]]>([
    ["Gemini's call", "gemini", [["", MALFORMED]]],
    ["a call on Converse", "converse", [["messageStop", { stopReason: "malformed_tool_use" }]]],
    ["an answer on Converse", "converse", [["messageStop", { stopReason: "malformed_model_output" }]]],
  ])("is an error once its usage has come: %s", (_, wire, stopped) => {
    const { content, usage } = WIRES[wire] ?? {};
    if (content === undefined || usage === undefined) throw new Error("no such wire");
    expect(read(wire, [content, ...stopped]).out.some(({ kind }) => kind === "error")).toBe(false);
    const { out, reported } = read(wire, [content, ...stopped, usage(1000, 500)]);
    expect(out.at(-1)).toMatchObject(INVALID);
    expect(reported).toMatchObject({ isOfAll: true, usage: { inputTokens: 1000, outputTokens: 500 } });
  });
});

test("the text of a custom tool's call counts, also with a text after it in the same chunk", async () => {
  const request = {
    model: "m",
    stream: true,
    messages: [{ role: "user", content: "Hi" }],
    tools: [{ type: "custom", custom: { name: "patch" } }],
  };
  const functionCall = { name: "patch", args: { input: "a long patch of words ".repeat(20) } };
  const parts = [{ text: "First: " }, { functionCall }, { text: "done." }];
  const events = parts.map((part) => ({
    candidates: [{ content: { role: "model", parts: [part] }, index: 0 }],
  }));
  for (const pieces of [[eventsOf(events)], events.map((event) => eventsOf([event]))]) {
    const { body, reading } = answering("chat", "gemini", "gemini-3.8-flash", request, pieces);
    const known = streamMeter(reading.events, { passUsage: true, answers: 1 });
    const read = streamMeter(chat.events, { passUsage: true, answers: 1 });
    for await (const chunk of body.chunks()) {
      pushBytes(known, chunk);
      pushBytes(read, Buffer.from(chunk));
    }
    expect(read.contentBytes).toBeGreaterThan(functionCall.args.input.length);
    expect([known.contentBytes, known.contentEvents]).toEqual([read.contentBytes, read.contentEvents]);
  }
});
