import { describe, expect, test } from "vitest";
import { askSimulated } from "#lib/providers/testing/ask-simulated";
import { cpuRatio } from "#lib/testing/promptness";
import { countPieces, replyFor } from "./reply";

describe("a simulated provider does no more than a request pays for", () => {
  const embed = (body: object) => askSimulated("embeddings", { model: "demo", ...body });

  test("it embeds as many inputs as OpenAI, and no more", async () => {
    const input = (count: number) => Array.from({ length: count }, () => "a");
    expect((await embed({ input: input(2_048), encoding_format: "base64" })).status).toBe(200);
    const { status, said } = await embed({ input: input(2_049) });
    expect({ status, said }).toEqual({ status: 400, said: expect.stringContaining("at most 2048 inputs") });
  });

  test("it makes as many numbers as it can at once, and no more", async () => {
    const input = ["a", "b", "c"];
    expect((await embed({ input, dimensions: 4_096 })).status).toBe(200);
    const inputs = Array.from({ length: 300 }, () => "a");
    const { status, said } = await embed({ input: inputs, dimensions: 4_096 });
    expect({ status, said }).toEqual({ status: 400, said: expect.stringContaining("Send fewer inputs") });
  });

  const text = "a ".repeat(100_000);

  test("it reads a long conversation once, however many answers it makes", async () => {
    const chat = (n: number) => () =>
      askSimulated("chat", { model: "demo", messages: [{ role: "user", content: text }], n, max_tokens: 1 });
    expect(await cpuRatio(chat(128), chat(1))).toBeLessThan(5);
  });

  test("it reads a long suffix once, however many prompts there are", async () => {
    const complete = (prompts: number) => () =>
      askSimulated("completions", {
        model: "demo",
        prompt: Array.from({ length: prompts }, () => "a"),
        suffix: text,
        max_tokens: 1,
      });
    expect(await cpuRatio(complete(500), complete(1))).toBeLessThan(10);
  });

  test.each([
    ["chat", { messages: [{ role: "user", content: "Hi" }] }, "stop"],
    ["completions", { prompt: "Hi" }, "stop"],
    ["messages", { messages: [{ role: "user", content: "Hi" }], max_tokens: 5 }, "stop_sequences"],
  ] as const)("it looks for few stop sequences: %s", async (dialect, body, name) => {
    const ask = async (count: number) =>
      (
        await askSimulated(dialect, {
          model: "demo",
          ...body,
          [name]: Array.from({ length: count }, () => "zz"),
        })
      ).status;
    expect([await ask(64), await ask(65)]).toEqual([200, 400]);
  });
});

test("an answer is the beginning of a longer one, also where a stop sequence begins at its end", () => {
  const reply = (maxPieces: number | null, stop: string[] = []) =>
    replyFor("seed", 400, { maxPieces, stop, calls: [] });
  const whole = reply(null).pieces;
  expect(whole).toHaveLength(400);
  expect(reply(7).pieces).toEqual(whole.slice(0, 7));
  const stop = whole.slice(6, 9).join("");
  expect(reply(7, [stop])).toMatchObject({
    pieces: whole.slice(0, 6),
    finishReason: "stop",
    stoppedBy: stop,
  });
  expect(reply(5, [stop])).toMatchObject({ pieces: whole.slice(0, 5), finishReason: "length" });
});

test("pieces are counted as they are told apart", () => {
  expect(["", "Hello, gate!", "日本 1.5", "😀\n"].map(countPieces)).toEqual([0, 4, 4, 2]);
});
