import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { longestHoldMs } from "#lib/testing/loop-holds";
import { parseAnswer } from "./parse-answer";

const MB = 1024 * 1024;
/** More than is parsed as it is. */
const padding = "x".repeat(MB);
const parsed = (value: unknown) => parseAnswer(Buffer.from(JSON.stringify(value)));

test("reads a small answer as JSON.parse does", async () => {
  const answer = { text: "é".repeat(10_000), list: Array.from({ length: 1_000 }, (_, at) => at) };
  expect(await parsed(answer)).toEqual({ value: answer, omittedBytes: 0 });
});

test.each([[1], [MB]])("skips a byte order mark before %i bytes of text", async (length) => {
  const json = JSON.stringify({ text: "x".repeat(length), n: 7 });
  expect(await parseAnswer(Buffer.from(`\uFEFF${json}`))).toMatchObject({ value: { n: 7 } });
});

describe("of a large answer", () => {
  test("what is short is read as JSON.parse does, before and after what is long", async () => {
    const short = fc.jsonValue({ maxDepth: 4 });
    await fc.assert(
      fc.asyncProperty(short, fc.string(), short, fc.nat(2), async (before, name, after, indent) => {
        const answer = { before, [`${name}-long`]: `${padding}\\"${name}`, after };
        const { value } = await parseAnswer(Buffer.from(JSON.stringify(answer, null, indent)));
        const { before: first, after: last }: typeof answer = JSON.parse(JSON.stringify(answer));
        expect(value).toMatchObject({ before: first, after: last });
        expect(Object.keys(value ?? {})).toEqual(Object.keys(answer));
      }),
      { numRuns: 50 },
    );
  });

  test("a long string keeps its beginning, and its size is told", async () => {
    const url = `data:image/png;base64,${"QUJD".repeat(MB)}`;
    const answer = { choices: [{ image: url, twin: url, text: `é${padding}` }] };
    const { value, omittedBytes } = await parsed(answer);
    const beginning = url.slice(0, 256);
    expect(value).toEqual({ choices: [{ image: beginning, twin: beginning, text: "" }] });
    expect(omittedBytes).toBe(2 * (url.length - 256) + MB + 2);
  });

  test("a long list keeps its first elements, and what follows it is whole", async () => {
    const top = Array.from({ length: 20 }, (_, at) => ({ token: `t${at}`, logprob: -at }));
    const content = Array.from({ length: 2_000 }, () => ({ token: "a", top_logprobs: top }));
    const choices = Array.from({ length: 128 }, (_, index) => ({ index, logprobs: { content }, text: "ok" }));
    const { value } = await parsed({ choices: choices.slice(0, 30), usage: { total_tokens: 7 } });
    expect(value).toMatchObject({ usage: { total_tokens: 7 }, choices: { length: 30 } });
    const last = (value as { choices: (typeof choices)[number][] }).choices.at(-1);
    expect(last).toMatchObject({ index: 29, text: "ok" });
    expect(last?.logprobs.content).toHaveLength(64);
  });

  test.each([
    ["unterminated string", `{"a":"${padding}`],
    ["unbalanced brackets", `${"]".repeat(2)}${padding}`],
    ["more than one value", `1,2 ${" ".repeat(MB)}`],
    ["more than one object", "{}".repeat(MB)],
    ["an object and words", `{"a":"${padding}"} x`],
    ["nested too deep", "[".repeat(2 * MB)],
    ["too much structure", `{${'"a":{},'.repeat(2 * MB)}"b":1}`],
    ["not valid JSON", `{"a":${padding}}`],
  ])("%s is an error", async (_, json) => {
    await expect(parseAnswer(Buffer.from(json))).rejects.toThrow(SyntaxError);
  });

  const elements = (text: string) =>
    `{"choices":[${`${text},`.repeat((64 * MB) / (text.length + 1))}${text}]}`;
  test.each([
    ["a string", `{"choices":["${"a".repeat(64 * MB)}"]}`],
    ["escapes", `{"choices":["${'\\"'.repeat(32 * MB)}"]}`],
    ["numbers", elements("-0.0123456789")],
    ["short strings", elements('"ab"')],
    ["objects", elements("{}")],
    ["white space", `{"choices":[${" ".repeat(64 * MB)}]}`],
    ["fields", `{${'"k":{},'.repeat(8 * MB)}"choices":[]}`],
  ])("64 MB of %s never hold up the process", async (_, json) => {
    const bytes = Buffer.from(json);
    const read = () => parseAnswer(bytes).catch(() => null);
    expect(await longestHoldMs(read)).toBeLessThan(150);
  });
});
