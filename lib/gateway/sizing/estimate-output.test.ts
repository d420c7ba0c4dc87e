import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  estimateOutputTokens,
  type Generation,
  NOTHING_SEEN,
  type SeenOutput,
  shownPace,
  sweepMarginTokens,
} from "./estimate-output";

const generation = (fields: Partial<Generation> = {}): Generation => ({
  answers: 1,
  elapsedMs: 20_000,
  tokensPerSecond: 0,
  mayHideOutput: true,
  boundTokens: 100_000,
  isBounded: true,
  ...fields,
});
const live = (tokens: number): SeenOutput => ({
  tokens,
  isWhole: false,
  isLive: true,
  unreadMs: 0,
  silentMs: 0,
  shownPerSecond: 0,
});
const whole = (tokens: number): SeenOutput => ({ ...live(tokens), isWhole: true });

describe("output tokens of an answer without usage", () => {
  test.each<[string, SeenOutput, Partial<Generation>, number]>([
    ["what was seen of a whole answer", whole(40), {}, 40],
    ["nothing for a whole answer without content", whole(0), {}, 0],
    ["the bound for a whole answer that seems longer", whole(250_000), { boundTokens: 100 }, 100],
    [
      "what was seen beyond a bound that the provider does not have",
      whole(900),
      { boundTokens: 500, isBounded: false },
      900,
    ],
    ["100 tokens a second if output may be hidden", live(40), {}, 2_000],
    ["the observed pace if it is higher", live(40), { tokensPerSecond: 150 }, 3_000],
    ["not the observed pace if it is lower", live(40), { tokensPerSecond: 20 }, 2_000],
    ["the pace of each answer", live(40), { answers: 4 }, 8_000],
    ["no more than the bound", live(40), { boundTokens: 500 }, 500],
    ["no more than what is held, without a bound", live(40), { boundTokens: 500, isBounded: false }, 500],
    ["no less than what was seen and a second's worth", live(7_000), {}, 7_100],
    ["what was seen and a second's worth if all is shown", live(40), { mayHideOutput: false }, 140],
    ["the same at the observed pace", live(40), { mayHideOutput: false, tokensPerSecond: 150 }, 190],
    ["a second's worth beyond what was seen if output may be hidden, too", live(1), { elapsedMs: 200 }, 101],
    [
      "the same at the pace of this stream",
      { ...live(3_000), shownPerSecond: shownPace(3_000, 3_000) },
      { elapsedMs: 3_200 },
      4_000,
    ],
    [
      "no faster than what arrived in a second, where all of it arrived at once",
      { ...live(300), shownPerSecond: shownPace(300, 20) },
      { elapsedMs: 220 },
      600,
    ],
    [
      "what the provider can send while the client does not read, if all is shown",
      { ...live(40), unreadMs: 5_000, silentMs: 2_000 },
      { mayHideOutput: false },
      540,
    ],
    [
      "what the provider may hold back while it is silent, if all else is shown",
      { ...live(40), unreadMs: 2_000, silentMs: 5_000 },
      { mayHideOutput: false },
      540,
    ],
    ["the time of an answer of which nothing has arrived", NOTHING_SEEN, { mayHideOutput: false }, 2_000],
    ["nothing where nothing is generated", NOTHING_SEEN, { answers: 0, boundTokens: 0 }, 0],
  ])("are %s", (_, seen, fields, tokens) => {
    expect(estimateOutputTokens(seen, generation(fields))).toBe(tokens);
  });

  test("are never above the bound that was sent, nor below what was seen within it", () => {
    const count = fc.nat(200_000);
    fc.assert(
      fc.property(
        fc.record({
          tokens: count,
          isWhole: fc.boolean(),
          isLive: fc.boolean(),
          unreadMs: count,
          silentMs: count,
          shownPerSecond: count,
        }),
        fc.record({
          answers: fc.integer({ min: 1, max: 8 }),
          elapsedMs: fc.nat(600_000),
          tokensPerSecond: fc.nat(3_000),
          mayHideOutput: fc.boolean(),
          boundTokens: count,
          isBounded: fc.boolean(),
        }),
        (seen, fields) => {
          const tokens = estimateOutputTokens(seen, fields);
          const most = fields.isBounded ? fields.boundTokens : Math.max(seen.tokens, fields.boundTokens);
          expect(tokens).toBeLessThanOrEqual(most);
          expect(tokens).toBeGreaterThanOrEqual(Math.min(seen.tokens, most));
          expect(Number.isInteger(tokens)).toBe(true);
        },
      ),
    );
  });
});

test.each<[string, Partial<Generation>, number]>([
  ["a common margin if all is shown", { mayHideOutput: false }, 256],
  ["15 seconds of hidden output", {}, 1_500],
  ["the same at the observed pace, for each answer", { tokensPerSecond: 200, answers: 2 }, 6_000],
])("a sweep charges %s beyond the last heartbeat", (_, fields, tokens) => {
  expect(sweepMarginTokens(generation(fields))).toBe(tokens);
});
