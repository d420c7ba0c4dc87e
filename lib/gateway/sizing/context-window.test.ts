import { beforeAll, describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { testModel as modelOf } from "#lib/gateway/testing/test-model";
import { stopwatch } from "#lib/testing/promptness";
import { contextJudge } from "./context-window";

const ask = (fields: object) => {
  const body = { model: "m", messages: [{ role: "user", content: "Hello!" }], ...fields };
  return contextJudge(chat, chat.parse(JSON.stringify(body)));
};
const say = (content: string) => ({ messages: [{ role: "user", content }] });

describe("a request that cannot fit the model's context window", () => {
  test.each<[string, object, number, RegExp]>([
    [
      "by its bound alone",
      { max_tokens: 5_000 },
      4_096,
      /4096 tokens.* at least 5005: 5 .* 5000 for the answer/,
    ],
    [
      "by its messages alone",
      say("word ".repeat(3_000)),
      1_000,
      /1000 tokens.* at least \d{4}: \d{4} .* 0 for/,
    ],
    ["by both", { ...say("word ".repeat(800)), max_tokens: 300 }, 1_000, /at least 110\d: 80\d .* 300 for/],
    [
      "by parts of text",
      { messages: Array(50).fill({ role: "user", content: [{ type: "text", text: "word ".repeat(30) }] }) },
      1_000,
      /at least \d+/,
    ],
    [
      "by messages that say nothing",
      { messages: Array(500).fill({ role: "user", content: "" }) },
      1_000,
      /at least 1500/,
    ],
  ])("%s gets both numbers", async (_, fields, contextWindow, message) => {
    const rejection = await ask(fields).rejection(modelOf(contextWindow));
    expect(rejection).toMatchObject({ status: 400, code: "context_length_exceeded", param: "messages" });
    expect(rejection?.message).toMatch(message);
  });

  test("is rejected from exactly the first token too many", async () => {
    // "word" and 799 times " word", and 3 around the message.
    const judge = ask(say(`${"word ".repeat(799)}word`));
    expect(await judge.rejection(modelOf(803))).toBeNull();
    expect((await judge.rejection(modelOf(802)))?.message).toContain("at least 803:");
  });
});

describe("does not reject what may fit", () => {
  test.each<[string, object, number | null]>([
    ["where no window is known", { max_tokens: 1e9 }, null],
    ["where the client names no bound", say("word ".repeat(990)), 1_000],
    [
      "where an image is large and its text is not",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(400_000)}` } },
            ],
          },
        ],
      },
      8_000,
    ],
    ["where much is said in few tokens", say(" ".repeat(40_000)), 1_000],
    [
      "where the tools are long",
      { tools: [{ type: "function", function: { name: "f", description: "word ".repeat(5_000) } }] },
      4_000,
    ],
  ])("%s", async (_, fields, contextWindow) => {
    expect(await ask(fields).rejection(modelOf(contextWindow))).toBeNull();
  });

  test("with a tokenizer that makes fewer tokens than OpenAI's", async () => {
    const judge = ask(say("word ".repeat(1_200)));
    expect(await judge.rejection(modelOf(1_000, "gpt-4o"))).not.toBeNull();
    const other = modelOf(1_000, "gemini-3");
    expect(await ask(say("word ".repeat(1_200))).rejection(other)).toBeNull();
    expect(await ask(say("word ".repeat(1_400))).rejection(other)).not.toBeNull();
  });

  test("each choice has the whole window", async () => {
    expect(await ask({ max_tokens: 900, n: 8 }).rejection(modelOf(1_000))).toBeNull();
  });
});

describe("judging is cheap", () => {
  beforeAll(async () => {
    // The tokenizer is loaded by the first that needs it.
    await ask({ max_tokens: 5_000 }).rejection(modelOf(4_096));
  });

  test("counts nothing of what clearly fits", () => {
    expect(ask(say("word ".repeat(60_000))).isNear(modelOf(128_000))).toBe(false);
    expect(ask(say("Hello!")).isNear(modelOf(1_000))).toBe(false);
  });

  test("stops counting when it is enough, however long the text", async () => {
    const judge = ask(say("word ".repeat(6_000_000)));
    const took = stopwatch();
    expect(await judge.rejection(modelOf(128_000))).not.toBeNull();
    expect(await judge.rejection(modelOf(128_000))).not.toBeNull();
    // To count all of it takes many times as long.
    expect(took()).toBeLessThan(3_000);
  });
});
