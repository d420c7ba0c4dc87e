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

test("any number of them is merged in linear time", async () => {
  const merge = (count: number) => {
    const messages = Array.from({ length: count }, () => resultOf("1"));
    return () => withMergedResults(messages);
  };
  await expectLinear("results", merge, undefined, { characters: 40_000, harmlessMs: 100 });
});
