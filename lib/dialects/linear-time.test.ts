// @own-process: it measures processor time, of which other files' garbage would be a part.
import { expect, test } from "vitest";
import { expectLinear } from "#lib/testing/linear-time";
import type { Dialect } from "./dialect";
import { eventOf, eventPayloads } from "./events/event-payloads";
import { pushBytes, pushEnd, streamMeter } from "./events/stream-meter";
import { DIALECTS } from "./registry";

const many = (count: number, text: string): string => text.repeat(Math.floor(count / text.length));
const chunk = (delta: object, more: object = {}) => ({ choices: [{ index: 0, delta, ...more }] });
/** Of a chat. What each reports of its usage is added up anew. */
const MOST_ANSWERS = 128;
const PIECE_BYTES = 512;
const SIGNS = [" ", "\n", "\\", '"', "\u0301\u0316", "{", "1", "\u{1f600}", "![](data:", "'s "];

/** What an answer is in each dialect: a text in it, and many parts of it. */
const WHOLE: Readonly<Record<string, (text: string) => object>> = {
  chat: (content) => ({ choices: [{ index: 0, message: { content }, finish_reason: "stop" }] }),
  completions: (text) => ({ choices: [{ index: 0, text, finish_reason: "stop" }] }),
  messages: (text) => ({ type: "message", content: [{ type: "text", text }], stop_reason: "end_turn" }),
  responses: (text) => ({
    status: "completed",
    output: [{ type: "message", content: [{ type: "output_text", text }] }],
  }),
  embeddings: (text) => ({ data: [{ embedding: [1] }], model: text }),
};
const calls = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    index,
    id: `c${index}`,
    function: { name: "f", arguments: "" },
  }));

/** Events that are long or many in one way each. */
const STREAMS: Readonly<Record<string, (characters: number) => string>> = {
  "small events": (size) => many(size, eventOf(chunk({ content: "a" }))),
  "events without content": (size) => many(size, eventOf(chunk({ role: "assistant" }))),
  "reports of usage": (size) =>
    many(size, eventOf({ ...chunk({ content: "a" }), usage: { prompt_tokens: 1, completion_tokens: 2 } })),
  "reports with ever more counts": (size) =>
    Array.from({ length: size / 60 }, (_, at) =>
      eventOf({ type: "message_delta", delta: {}, usage: { [`a${at}`]: 1 } }),
    ).join(""),
  "ends of answers": (size) => many(size, eventOf(chunk({}, { finish_reason: "stop" }))),
  comments: (size) => many(size, ":\n"),
  "blank lines": (size) => many(size, "\n"),
  "carriage returns": (size) => many(size, "\r"),
  "lines of data": (size) => many(size, "data: a\n"),
  "names of events": (size) => many(size, "event: a\n"),
  "one line without an end": (size) => `data: ${many(size, "a")}`,
  "one silent line": (size) => many(size, "a"),
  "white space in an event": (size) => `data: {"choices":${many(size, " ")}[]}\n\n`,
  "keys in an event": (size) => `data: {${many(size, '"usage" : 1,')}"choices":[]}\n\n`,
  "calls in an event": (size) => eventOf(chunk({ tool_calls: calls(size / 60) })),
  "calls in many events": (size) =>
    calls(size / 100)
      .map((call) => eventOf(chunk({ tool_calls: [call] })))
      .join(""),
  "answers in an event": (size) =>
    eventOf({
      choices: Array.from({ length: size / 40 }, (_, index) => ({ index, delta: { content: "a" } })),
    }),
  "usage of many answers": (size) =>
    Array.from({ length: size / 80 }, (_, at) =>
      eventOf({
        choices: [
          {
            index: at % MOST_ANSWERS,
            delta: { content: "a" },
            usage: { prompt_tokens: 1, completion_tokens: 2 },
          },
        ],
      }),
    ).join(""),
};

function play({ events, assembler }: Dialect, bytes: Buffer, answers: number): void {
  const meter = streamMeter(events, { passUsage: true, answers });
  const whole = assembler();
  const add = (relayed: readonly Buffer[]) => {
    for (const payload of eventPayloads(Buffer.concat([...relayed]).toString())) whole.add(payload);
  };
  for (let at = 0; at < bytes.length; at += PIECE_BYTES)
    add(pushBytes(meter, bytes.subarray(at, at + PIECE_BYTES)));
  add(pushEnd(meter));
  whole.whole();
}

test.each(DIALECTS)(
  "a stream is metered and put together in linear time: $endpoint",
  async (dialect) => {
    for (const [what, make] of Object.entries(STREAMS)) {
      for (const answers of [1, MOST_ANSWERS]) {
        await expectLinear(what, (characters) => {
          const bytes = Buffer.from(make(characters));
          return () => play(dialect, bytes, answers);
        });
      }
    }
  },
  60_000,
);

test.each(DIALECTS)(
  "a whole answer is read and split in linear time: $endpoint",
  async (dialect) => {
    const wholeOf = WHOLE[dialect.name] ?? ((text: string) => ({ text }));
    const bodies: Record<string, (characters: number) => string> = {
      "deep lists": (size) =>
        JSON.stringify(wholeOf("a")).replace('"a"', `${many(size / 2, "[")}${many(size / 2, "]")}`),
      "many fields": (size) => `{${many(size, '"a":1,')}"b":1}`,
      words: (size) => many(size, "The server is busy. "),
      "a page": (size) => `<html>${many(size, "<p>")}`,
    };
    for (const sign of SIGNS)
      bodies[`a text of ${sign}`] = (size) => JSON.stringify(wholeOf(many(size, sign)));
    for (const [what, make] of Object.entries(bodies)) {
      await expectLinear(what, (characters) => {
        const bytes = Buffer.from(make(characters));
        return async () => {
          const { said } = await dialect.readWhole(bytes);
          if (said === "content") dialect.split(bytes);
        };
      });
    }
    const { said } = await dialect.readWhole(Buffer.from(JSON.stringify(wholeOf("a"))));
    expect(said).toBe("content");
  },
  60_000,
);
