import { describe, expect, test } from "vitest";
import { isSumAwaited, isUsageFinal, reportedUsage } from "#lib/dialects/events/meter-usage";
import { pushEnd } from "#lib/dialects/events/stream-meter";
import { usageIn } from "#lib/dialects/openai-usage";
import { DONE, play } from "./testing/played-stream";

const ANSWERS = 4;
const TOKENS = 100;
const indexes = [...Array(ANSWERS).keys()];
const usageOf = (completion_tokens: number) => ({ prompt_tokens: 20, completion_tokens });
const event = (fields: object) =>
  `data: ${JSON.stringify({ object: "chat.completion.chunk", ...fields })}\n\n`;
const sum = (tokens: number) => event({ choices: [], usage: usageOf(tokens) });
const finish = (index: number, more: object = {}) => ({ index, delta: {}, finish_reason: "stop", ...more });
const word = (index: number) => ({ index, delta: { content: " word" }, finish_reason: null });
const played = (events: readonly string[], answers = ANSWERS) =>
  play([Buffer.from(events.join(""))], false, answers).meter;

/** All answers at the same time, a token at a time. */
const words = (reports: (index: number, tokens: number, chunk: number) => object = () => ({})) =>
  Array.from({ length: TOKENS }, (_, at) =>
    indexes.map((index) =>
      event({ choices: [word(index)], ...reports(index, at + 1, at * ANSWERS + index + 1) }),
    ),
  ).flat();
const MOONSHOT = [
  ...words(),
  ...indexes.map((index) => event({ choices: [finish(index, { usage: usageOf(TOKENS) })] })),
];
const CONTINUOUS = [
  ...words((_, tokens) => ({ usage: usageOf(tokens) })),
  ...indexes.map((index) => event({ choices: [finish(index)], usage: usageOf(TOKENS) })),
];
const AT_THE_END = [
  ...words(),
  ...indexes.map((index) => event({ choices: [finish(index)], usage: usageOf(TOKENS - index) })),
];

describe("the usage of several answers", () => {
  test.each<[string, readonly string[], number]>([
    ["in each choice, as Moonshot does", MOONSHOT, 400],
    ["beside the choice in each chunk, as vLLM's continuous_usage_stats do", CONTINUOUS, 400],
    ["beside the last chunk of each choice", AT_THE_END, 394],
  ])("that is reported apart %s adds up, and its input is that of one", (_, events, outputTokens) => {
    expect(reportedUsage(played([...events, DONE]))).toMatchObject({ inputTokens: 20, outputTokens });
  });

  test.each([
    ["in choices", MOONSHOT],
    ["in chunks", CONTINUOUS],
  ])("is the provider's own sum if one follows: %s", (_, events) => {
    const meter = played([...events, sum(390)]);
    expect(reportedUsage(meter)).toMatchObject({ inputTokens: 20, outputTokens: 390 });
    expect([isUsageFinal(meter), isSumAwaited(meter)]).toEqual([true, false]);
  });

  test("is not replaced by one that has not counted them", () => {
    expect(reportedUsage(played([...MOONSHOT, sum(0)]))).toMatchObject({ outputTokens: 400 });
    expect(reportedUsage(played([sum(0), ...MOONSHOT]))).toMatchObject({ outputTokens: 400 });
  });

  test("is awaited until the stream ends, and final before only if each answer has one", () => {
    expect(isSumAwaited(played(MOONSHOT))).toBe(true);
    expect(isUsageFinal(played(MOONSHOT))).toBe(true);
    const oneMissing = played(MOONSHOT.slice(0, -1));
    expect(isUsageFinal(oneMissing)).toBe(false);
    pushEnd(oneMissing);
    expect(isUsageFinal(oneMissing)).toBe(true);
    expect(isSumAwaited(played([...MOONSHOT, DONE]))).toBe(false);
  });

  test("that counts all answers in each chunk is the last", () => {
    const meter = played([...words((_index, _tokens, chunk) => ({ usage: usageOf(chunk) })), DONE]);
    expect(reportedUsage(meter)).toMatchObject({ outputTokens: 400 });
  });

  test("that came in the last chunk alone is that of all", () => {
    const events = [...words(), event({ choices: [finish(3)], usage: usageOf(400) }), DONE];
    expect(reportedUsage(played(events))).toMatchObject({ outputTokens: 400 });
  });

  test("of one answer is the last, and no sum is awaited", () => {
    const meter = played([event({ choices: [word(0)], usage: usageOf(1) }), sum(2)], 1);
    expect(meter.usage).toMatchObject({ outputTokens: 2 });
    const inChoice = played([event({ choices: [finish(0, { usage: usageOf(7) })] })], 1);
    expect([isUsageFinal(inChoice), isSumAwaited(inChoice)]).toEqual([true, false]);
  });

  test.each<[object, number]>([
    [{}, 400],
    [{ usage: usageOf(390) }, 390],
    [{ usage: usageOf(0) }, 400],
  ])("of a whole answer with one in each choice and %j", (more, outputTokens) => {
    const choices = indexes.map((index) => ({ index, message: {}, usage: usageOf(TOKENS) }));
    expect(usageIn({ choices, ...more })).toMatchObject({ inputTokens: 20, outputTokens });
  });
});
