import { describe, expect, test } from "vitest";
import { greatestAnswerCount, greatestOutputBound } from "./output-bounds";

describe("the greatest output bound in a body", () => {
  test.each([
    ['{"max_tokens":5}', 5],
    ['{"max_completion_tokens":1,"max_tokens":4000}', 4_000],
    ['{"max_tokens":4000,"max_tokens":1}', 4_000],
    ['{"max_tokens":1,"max_t\\u006fkens":7}', 7],
    ['{"max_tokens":1,"MaxTokens":8}', 8],
    ['{"max_tokens":1,"options":{"num_predict":9}}', 9],
    ['{"max_tokens":1,"extra_body":{"options":{"max_new_tokens":"10"}}}', 10],
    ['{"max_tokens":1,"n_predict":-1}', Number.POSITIVE_INFINITY],
    ['{"max_tokens":0}', null],
    ['{"max_tokens":null,"model":"max_tokens"}', null],
    ['{"content":"{\\"max_tokens\\":4000}"}', null],
  ])("of %s is %s", (body, bound) => {
    expect(greatestOutputBound(body)).toBe(bound);
  });
});

test("the number of answers is the greatest of its names, and at least one", () => {
  expect(greatestAnswerCount('{"n":2,"extra_body":{"candidateCount":3}}')).toBe(3);
  expect(greatestAnswerCount("{}")).toBe(1);
});
