import { expect, test } from "vitest";
import { rareTokensOf } from "./rare-tokens";

test.each([
  ["gpt-4o", 1],
  ["gpt-4-turbo", 2],
  ["Qwen/Qwen2.5-72B-Instruct", 2],
  ["claude-3-haiku-20240307", 2],
  ["mistralai/Mixtral-8x7B-Instruct-v0.1", 3],
])(
  "rare characters are as many tokens as the vocabulary of %s has, or one that it is like",
  (model, tokens) => {
    expect(rareTokensOf({ o200k: 4, cl100k: 7, p50k: 12, letters: 0 }, model)).toBe(tokens);
  },
);
