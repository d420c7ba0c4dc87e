import { expect, test } from "vitest";
import { eventOf, eventPayloads } from "#lib/dialects/events/event-payloads";
import { completionAssembler, splitCompletion } from "./answer-forms";

const BASE = { id: "cmpl-1", object: "text_completion", created: 1, model: "m" };
const USAGE = { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 };
const logprobs = (tokens: string[], offsets: number[]) => ({
  tokens,
  token_logprobs: tokens.map(() => -0.5),
  top_logprobs: tokens.map((token) => ({ [token]: -0.5 })),
  text_offset: offsets,
});
const WHOLE = {
  ...BASE,
  choices: [
    { index: 0, text: "Hello you", logprobs: logprobs(["Hello", " you"], [0, 5]), finish_reason: "stop" },
    { index: 1, text: "Hi", logprobs: null, finish_reason: "length" },
  ],
  usage: USAGE,
};
const choice = (index: number, text: string, finish_reason: string | null, probabilities: object | null) => ({
  ...BASE,
  choices: [{ index, text, logprobs: probabilities, finish_reason }],
});

function joined(stream: string): unknown {
  const assembler = completionAssembler();
  for (const payload of eventPayloads(stream)) assembler.add(payload);
  return JSON.parse(assembler.whole()?.toString() ?? "null");
}

test("joins the texts and probabilities of a stream to the whole completion", () => {
  const chunks = [
    choice(0, "Hello", null, logprobs(["Hello"], [0])),
    choice(1, "Hi", "length", null),
    choice(0, " you", null, logprobs([" you"], [5])),
    choice(0, "", "stop", null),
    { ...BASE, choices: [], usage: USAGE },
  ];
  expect(joined(chunks.map(eventOf).join(""))).toEqual(WHOLE);
});

test("splits a whole completion into a stream that says the same", () => {
  const stream = splitCompletion(Buffer.from(JSON.stringify(WHOLE)))?.toString() ?? "";
  expect(stream.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(joined(stream)).toEqual(WHOLE);
});
