import { expect, test } from "vitest";
import { expectLinear } from "#lib/testing/linear-time";
import { withMergedResults } from "./merged-results";
import type { Message } from "./turn";

const said = (text: string): Message => ({
  role: "user",
  blocks: [{ kind: "text", text, at: text, cache: null }],
  at: text,
});
const resultOf = (id: string): Message => ({
  role: "user",
  blocks: [{ kind: "result", id, blocks: [], isError: false, at: id, cache: null }],
  at: id,
});

test("results that follow each other are in one message", () => {
  const merged = withMergedResults([said("a"), resultOf("1"), resultOf("2"), said("b"), resultOf("3")]);
  expect(merged.map(({ blocks }) => blocks.map(({ at }) => at))).toEqual([["a"], ["1", "2"], ["b"], ["3"]]);
});

const answerWith = (...ids: string[]): Message => ({
  role: "assistant",
  blocks: ids.map((id) => ({
    kind: "call",
    id,
    name: "f",
    args: "",
    isCustom: false,
    at: `call ${id}`,
    cache: null,
  })),
  at: "",
});
const ats = (...messages: Message[]) =>
  withMergedResults(messages).map(({ blocks }) => blocks.map(({ at }) => at));

test("a result that comes after the next turn goes back to the turn that called", () => {
  expect(ats(answerWith("1"), said("a"), answerWith("2"), resultOf("1"), resultOf("2"))).toEqual([
    ["call 1"],
    ["1"],
    ["a"],
    ["call 2"],
    ["2"],
  ]);
  expect(
    ats(answerWith("1"), answerWith("2"), resultOf("1"), answerWith("3"), resultOf("2"), said("a")),
  ).toEqual([["call 1"], ["call 2"], ["1", "2"], ["call 3"], ["a"]]);
});

test("a result stays where it is if its call is of the last turn, or of none", () => {
  expect(ats(answerWith("1", "2"), resultOf("1"), said("a"), resultOf("2"), resultOf("3"))).toEqual([
    ["call 1", "call 2"],
    ["1"],
    ["a"],
    ["2", "3"],
  ]);
});

test("any number of them is merged in linear time", async () => {
  const merge = (count: number) => {
    const messages = Array.from({ length: count }, () => resultOf("1"));
    return () => withMergedResults(messages);
  };
  await expectLinear("results", merge, undefined, { characters: 40_000, harmlessMs: 100 });
  const mergeLate = (count: number) => {
    const calls = Array.from({ length: count }, (_, at) => [answerWith(`${at}`), said("a")]).flat();
    const messages = [
      ...calls,
      answerWith("last"),
      ...Array.from({ length: count }, (_, at) => resultOf(`${at}`)),
    ];
    return () => withMergedResults(messages);
  };
  // Three messages for each: more of them would grow with the garbage that is collected.
  await expectLinear("late results", mergeLate, undefined, { characters: 20_000, harmlessMs: 100 });
});
