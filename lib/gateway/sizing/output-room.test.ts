import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import type { Model } from "#lib/gateway/routing/routing";
import { testModel as modelOf } from "#lib/gateway/testing/test-model";
import { outputThatFits } from "./output-room";

const fits = (fields: object, model: Model, most: number) =>
  outputThatFits(chat, chat.parse(JSON.stringify({ model: "m", ...say("Hello!"), ...fields })), model, most);
const say = (content: unknown) => ({ messages: [{ role: "user", content }] });
const words = (count: number) => say("word ".repeat(count));

describe("the output that fits after the input", () => {
  test.each<[string, object, Model, number, number]>([
    ["is all of it where there is no window", words(9_000), modelOf(null), 4_096, 4_096],
    ["is all of it where both fit", words(100), modelOf(8_192), 4_096, 4_096],
    ["is never more than was asked for", words(3_000), modelOf(8_192), 4_096, 4_096],
  ])("%s", async (_, fields, model, most, expected) => {
    expect(await fits(fields, model, most)).toBe(expected);
  });

  test("is what the window leaves: input and output fill it exactly", async () => {
    const room = await fits(words(6_000), modelOf(8_192), 4_096);
    expect(room + 6_000).toBeLessThanOrEqual(8_192);
    // What chat templates put around a message, and no more than that.
    expect(room + 6_000).toBeGreaterThan(8_192 - 50);
  });

  test("counts tools, too: they are part of the prompt", async () => {
    const tools = [
      { type: "function", function: { name: "f", description: "word ".repeat(6_000), parameters: {} } },
    ];
    expect(await fits({ tools }, modelOf(8_192), 4_096)).toBeLessThan(2_192);
  });

  test("is half of what is left if another tokenizer may make more of the input", async () => {
    const room = await fits(words(6_000), modelOf(8_192, "llama-4"), 4_096);
    expect(room).toBeGreaterThan(1_000);
    expect(room).toBeLessThanOrEqual(1_096);
  });

  test("leaves room for images", async () => {
    const parts = Array.from({ length: 5 }, () => ({
      type: "image_url",
      image_url: { url: "https://images.example/a.png" },
    }));
    // 765 tokens each, and half of the rest for safety.
    expect(await fits(say(parts), modelOf(8_192), 4_096)).toBeLessThanOrEqual((8_192 - 5 * 765) / 2);
  });

  test("is a minimum even if nothing seems to be left, since the provider counts better", async () => {
    expect(await fits(words(9_000), modelOf(8_192), 4_096)).toBe(16);
    expect(await fits(words(9_000), modelOf(8_192), 5)).toBe(5);
  });
});
