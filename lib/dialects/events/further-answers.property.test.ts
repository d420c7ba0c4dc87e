import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DIALECTS } from "#lib/dialects/registry";
import { cutAt } from "#lib/dialects/testing/event-stream";
import { playStream } from "#lib/dialects/testing/play-stream";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { type FurtherAnswers, furtherAnswers } from "./further-answers";
import { reportedUsage } from "./meter-usage";
import type { StreamMeter } from "./stream-meter";

type Answer = {
  input: number;
  output: number;
  text: string;
  /** Where its usage is reported. */
  reports: "before its end" | "after its end" | "both";
};
type Events = (answer: Answer, at: number) => string;

const unnamed = (fields: object) => `data: ${JSON.stringify(fields)}\n\n`;
const named = (fields: JsonObject & { type: string }) => `event: ${fields.type}\n${unnamed(fields)}`;
const isBefore = ({ reports }: Answer) => reports !== "after its end";
const isAfter = ({ reports }: Answer) => reports !== "before its end";

function chatEvents(answer: Answer): string {
  const { input, output, text } = answer;
  const usage = unnamed({ choices: [], usage: { prompt_tokens: input, completion_tokens: output } });
  return [
    unnamed({ choices: [{ index: 0, delta: { role: "assistant" }, finish_reason: null }] }),
    unnamed({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] }),
    unnamed({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
    isBefore(answer) ? usage : "",
    "data: [DONE]\n\n",
    isAfter(answer) ? usage : "",
  ].join("");
}

function responsesEvents(answer: Answer, at: number): string {
  const { input, output, text } = answer;
  const response = { id: `resp_${at}`, object: "response", output: [], error: null };
  const usage = { input_tokens: input, output_tokens: output };
  const completed = (own: object | null) =>
    named({ type: "response.completed", response: { ...response, usage: own } });
  return [
    named({ type: "response.created", response: { ...response, usage: null } }),
    named({ type: "response.output_text.delta", output_index: 0, delta: text }),
    completed(isBefore(answer) ? usage : null),
    isAfter(answer) ? completed(usage) : "",
  ].join("");
}

function messagesEvents(answer: Answer, at: number): string {
  const { input, output, text } = answer;
  const message = { id: `msg_${at}`, type: "message", role: "assistant", content: [], stop_reason: null };
  const delta = (usage: object) =>
    named({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage });
  const before = isBefore(answer);
  return [
    named({
      type: "message_start",
      message: before ? { ...message, usage: { input_tokens: input, output_tokens: 1 } } : message,
    }),
    named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    named({ type: "content_block_stop", index: 0 }),
    before
      ? delta({ output_tokens: output })
      : named({ type: "message_delta", delta: { stop_reason: "end_turn" } }),
    named({ type: "message_stop" }),
    isAfter(answer) ? delta({ input_tokens: input, output_tokens: output }) : "",
  ].join("");
}

const FORMS: Readonly<Record<string, Events>> = {
  chat: chatEvents,
  responses: responsesEvents,
  messages: messagesEvents,
};

const text = fc.string({ minLength: 1, maxLength: 40 }).map((words) => `a${words}`);
const answer: fc.Arbitrary<Answer> = fc.record({
  input: fc.integer({ min: 1, max: 50_000 }),
  output: fc.integer({ min: 1, max: 5_000 }),
  text,
  reports: fc.constantFrom("before its end", "after its end", "both"),
});

function readerOf(name: string) {
  const found = DIALECTS.find((dialect) => dialect.name === name);
  if (found === undefined) throw new Error(`no dialect ${name}`);
  return found.events;
}

const options = { passUsage: true, answers: 1, goesOn: true };
const play = (name: string, events: string, cuts: readonly number[] = []) =>
  playStream(readerOf(name), cutAt(Buffer.from(events), cuts), options);

/** What is reported of the first answer and of those after it. */
function totals(meter: StreamMeter): { input: number; output: number; further: FurtherAnswers } {
  const first = reportedUsage(meter);
  const further = furtherAnswers(meter);
  if (first === null || !("inputTokens" in first)) throw new Error("the first answer has no usage");
  return {
    input: first.inputTokens + further.usage.inputTokens,
    output: first.outputTokens + further.usage.outputTokens,
    further,
  };
}

const FIRST: Answer = { input: 300, output: 20, text: "Searching.", reports: "before its end" };

describe.each(Object.entries(FORMS))("a server of %s that appends answers to its stream", (name, events) => {
  const sum = (answers: readonly Answer[], of: "input" | "output") =>
    answers.reduce((total, one) => total + one[of], 0);

  test("has all of them metered, and the first relayed, wherever the bytes are split", () => {
    fc.assert(
      fc.property(
        fc.array(answer, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(6_000), { maxLength: 8 }),
        (answers, cuts) => {
          const { meter, relayed } = play(name, answers.map(events).join(""), cuts);
          const [first = ""] = answers.map(events);
          expect(relayed).toBe(play(name, first).relayed);
          const { input, output, further } = totals(meter);
          expect({ input, output }).toEqual({
            input: sum(answers, "input"),
            output: sum(answers, "output"),
          });
          expect(further).toMatchObject({ count: answers.length - 1, isExact: true, unknownInputs: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is charged by what it shows, where it reports nothing", () => {
    const shown = { ...FIRST, text: "b".repeat(400) };
    const silent = events(shown, 1).replace(/"usage":\{[^}]*\}/g, '"usage":null');
    const { further } = totals(play(name, events(FIRST, 0) + silent).meter);
    expect(further).toMatchObject({ count: 1, isExact: false, unknownInputs: 1 });
    expect(further.usage.outputTokens).toBe(100);
  });

  test("is charged what it has reported and shown where it breaks off", () => {
    const all = events(FIRST, 0) + events({ ...FIRST, text: "b".repeat(400) }, 1);
    const at = all.lastIndexOf("b".repeat(400));
    const { further } = totals(play(name, all.slice(0, all.indexOf("\n\n", at) + 2)).meter);
    expect(further).toMatchObject({ count: 1, isExact: false });
    expect(further.usage.outputTokens).toBe(100);
  });

  test("ends once, if it repeats its terminal event", () => {
    const all = events(FIRST, 0);
    const { input, output, further } = totals(
      play(name, all + all.slice(all.lastIndexOf(name === "chat" ? "data:" : "event:"))).meter,
    );
    expect({ input, output, count: further.count }).toEqual({ input: 300, output: 20, count: 0 });
  });

  test("is not read beyond its end where a maker is", () => {
    const both = Buffer.from(events(FIRST, 0) + events(FIRST, 1));
    const { meter } = playStream(readerOf(name), [both], { passUsage: true, answers: 1 });
    expect(furtherAnswers(meter).count).toBe(0);
    expect(reportedUsage(meter)).toMatchObject({ inputTokens: 300, outputTokens: 20 });
  });
});

// Events of a chat without content have no sign of an answer that begins.
test.each(Object.entries(FORMS).filter(([name]) => name !== "chat"))(
  "an appended answer of %s that shows nothing is charged",
  (name, events) => {
    const silent = events({ ...FIRST, text: "" }, 1);
    const { input, output, further } = totals(play(name, events(FIRST, 0) + silent).meter);
    expect({ input, output, count: further.count }).toEqual({ input: 600, output: 40, count: 1 });
  },
);
