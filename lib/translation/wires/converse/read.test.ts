import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { decodeMessages } from "#lib/translation/clients/messages/decode";
import type { Delta } from "#lib/translation/delta";
import {
  CALLS,
  type ConverseAnswer,
  type ConverseEvent,
  eventsOf,
  TEXT,
  wholeOf,
} from "#lib/translation/testing/converse/answers";
import { SIGNATURE } from "#lib/translation/testing/converse/strict";
import { converseReader } from "./read";
import { converseUsage } from "./usage";

const NOVA = "us.amazon.nova-2-lite-v1:0";
const RECORDED = "/work/shared/recorded/bedrock";

type Asked = { model?: string; stop?: string[]; schema?: object };

function reader({ model = NOVA, stop, schema }: Asked = {}) {
  const turn = decodeMessages({
    messages: [],
    ...(stop === undefined ? {} : { stop_sequences: stop }),
    ...(schema === undefined ? {} : { output_config: { format: { type: "json_schema", schema } } }),
  });
  const toolNames = new Map([["get_weather", "get.weather"]]);
  return converseReader({ upstreamModel: model, scope: "abcdefgh", turn, toolNames });
}

/** What a stream of these events says. */
function streamed(events: readonly ConverseEvent[], asked: Asked = {}) {
  const read = reader(asked);
  const out: Delta[] = [];
  for (const [name, payload] of events) read.event(JSON.stringify(payload), name, out);
  read.end(out);
  return { out: joined(out), reported: read.reported() };
}

function whole(body: unknown, asked: Asked = {}) {
  const read = reader(asked);
  const out: Delta[] = [];
  const isAnswer = read.whole(body, out);
  return { isAnswer, out: joined(out), reported: read.reported() };
}

/** With pieces of one kind put together. */
function joined(deltas: readonly Delta[]): Delta[] {
  const out: Delta[] = [];
  for (const delta of deltas) {
    const last = out.at(-1);
    if (delta.kind === "text" && last?.kind === "text") last.text += delta.text;
    else if (delta.kind === "think" && last?.kind === "think") last.text += delta.text;
    else if (delta.kind === "args" && last?.kind === "args") last.json += delta.json;
    else out.push({ ...delta });
  }
  return out;
}

const finish = (reason: string, stopSequence: string | null = null) => ({
  kind: "finish",
  reason,
  stopSequence,
});

describe("an answer of Converse", () => {
  test.each([
    ["whole", (answer: ConverseAnswer, asked?: Asked) => whole(wholeOf(answer), asked)],
    ["streamed", (answer: ConverseAnswer, asked?: Asked) => streamed(eventsOf(answer), asked)],
  ])("has signed reasoning, texts and parallel calls by the client's names: %s", (_, read) => {
    const { out, reported } = read(CALLS);
    expect(out).toEqual([
      { kind: "think", text: "Two cities." },
      { kind: "seal", seal: { maker: "amazon", scope: "abcdefgh", data: SIGNATURE } },
      { kind: "text", text: "Let me look." },
      { kind: "call", index: 0, id: "tooluse_1", name: "get.weather" },
      { kind: "args", index: 0, json: '{"city":"Paris"}' },
      { kind: "call", index: 1, id: "tooluse_2", name: "get.weather" },
      { kind: "args", index: 1, json: '{"city":"Rome"}' },
      finish("calls"),
    ]);
    expect(reported).toMatchObject({ isOfAll: true, usage: { inputTokens: 180, outputTokens: 40 } });
    const redacted = { content: [{ reasoningContent: { redactedContent: "c2VjcmV0" } }] };
    expect(read(redacted, { model: "arn:aws:bedrock:x/claude-sonnet-4-5" }).out[0]).toEqual({
      kind: "seal",
      seal: { maker: "anthropic", scope: "abcdefgh", data: "r.c2VjcmV0" },
    });
  });

  test.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["guardrail_intervened", "filter"],
    ["content_filtered", "filter"],
    ["something_new", "stop"],
  ])("ends for %s", (stopReason, reason) => {
    expect(streamed(eventsOf({ ...TEXT, stopReason })).out.at(-1)).toEqual(finish(reason));
    expect(whole(wholeOf({ ...TEXT, stopReason })).out.at(-1)).toEqual(finish(reason));
  });

  test("names the stop sequence if there is only one, or if the model does", () => {
    const stopped = { ...TEXT, stopReason: "stop_sequence" };
    expect(streamed(eventsOf(stopped), { stop: ["END"] }).out.at(-1)).toEqual(finish("stop", "END"));
    expect(streamed(eventsOf(stopped), { stop: ["A", "B"] }).out.at(-1)).toEqual(finish("stop"));
    const named = eventsOf({ ...stopped, additional: { delta: { stop_sequence: "B" } } });
    expect(streamed(named, { stop: ["A", "B"] }).out.at(-1)).toEqual(finish("stop", "B"));
    const body = wholeOf({ ...stopped, additional: { stop_sequence: "B" } });
    expect(whole(body, { stop: ["A", "B"] }).out.at(-1)).toEqual(finish("stop", "B"));
  });

  test("by a schema, through a tool, is a text", () => {
    const answer: ConverseAnswer = {
      content: [{ toolUse: { toolUseId: "tooluse_1", name: "answer", input: { title: "Hi" } } }],
      stopReason: "tool_use",
    };
    const schema = { type: "object" };
    for (const { out } of [streamed(eventsOf(answer), { schema }), whole(wholeOf(answer), { schema })])
      expect(out).toEqual([{ kind: "text", text: '{"title":"Hi"}' }, finish("stop")]);
  });

  test("is none if the model's output is malformed, or the body is another", () => {
    const { out } = streamed(eventsOf({ ...TEXT, stopReason: "malformed_tool_use" }));
    expect(out.at(-1)).toMatchObject({ kind: "error", detail: { type: "malformed_tool_use" } });
    expect(out.some(({ kind }) => kind === "finish")).toBe(false);
    for (const body of [null, {}, { message: "Odd." }, { output: {}, stopReason: "end_turn" }])
      expect(whole(body).isAnswer).toBe(false);
  });

  test("does not end if its stream breaks off, and an exception is an error by its name", () => {
    const { out } = streamed([...eventsOf(TEXT, false), ["throttlingException", { message: "Slow down" }]]);
    expect(out).toEqual([
      { kind: "text", text: "Good morning." },
      { kind: "error", detail: { message: "Slow down", type: "throttlingException" } },
    ]);
  });

  test("has empty arguments for a call without any", () => {
    const start: ConverseEvent = [
      "contentBlockStart",
      { contentBlockIndex: 0, start: { toolUse: { toolUseId: "a", name: "look" } } },
    ];
    expect(streamed([start, ["contentBlockStop", { contentBlockIndex: 0 }]]).out).toEqual([
      { kind: "call", index: 0, id: "a", name: "look" },
      { kind: "args", index: 0, json: "{}" },
    ]);
  });
});

describe("the usage of Converse", () => {
  test("has what the cache had and what was written to it besides the input, under either name", () => {
    const counts = { inputTokens: 10, outputTokens: 5, totalTokens: 115 };
    const expected = { inputTokens: 110, cachedTokens: 60, cacheWriteTokens: 40, cacheWrite1hTokens: 0 };
    expect(converseUsage({ ...counts, cacheReadInputTokens: 60, cacheWriteInputTokens: 40 })).toMatchObject(
      expected,
    );
    expect(
      converseUsage({ ...counts, cacheReadInputTokenCount: 60, cacheWriteInputTokenCount: 40 }),
    ).toMatchObject(expected);
  });

  test("counts writes by the time that they last, and all that the details have", () => {
    const cacheDetails = [
      { ttl: "1h", inputTokens: 20 },
      { ttl: "5m", inputTokens: 10 },
    ];
    expect(converseUsage({ inputTokens: 1, outputTokens: 1, cacheDetails })).toMatchObject({
      inputTokens: 31,
      cacheWriteTokens: 30,
      cacheWrite1hTokens: 20,
    });
    expect(converseUsage({})).toBeNull();
  });
});

test.skipIf(!existsSync(RECORDED))("recorded answers are read", () => {
  const lines = (name: string) => readFileSync(`${RECORDED}/${name}.chunks.txt`, "utf8").trim().split("\n");
  const events = (name: string) =>
    lines(name).flatMap((line) => {
      const parsed: Record<string, JsonObject> = JSON.parse(line);
      return Object.entries(parsed);
    });
  const text = streamed(events("amazon-bedrock-text"));
  expect(text.out.map(({ kind }) => kind)).toEqual(["text", "finish"]);
  expect(text.reported?.usage).toMatchObject({ inputTokens: 22, outputTokens: 55 });
  // Its usage comes before its end.
  expect(streamed(events("amazon-bedrock-tool-call.1")).out).toEqual([
    { kind: "call", index: 0, id: "tool-use-id", name: "test-tool" },
    { kind: "args", index: 0, json: '{"value":"Sparkle Day"}' },
    finish("calls"),
  ]);
  const body: unknown = JSON.parse(readFileSync(`${RECORDED}/amazon-bedrock-text.json`, "utf8"));
  expect(whole(body)).toMatchObject({ isAnswer: true, reported: { usage: { outputTokens: 57 } } });
});
