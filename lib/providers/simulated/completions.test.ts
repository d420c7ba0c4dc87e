import { describe, expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { askSimulated } from "#lib/providers/testing/ask-simulated";

const ask = (body: object) => askSimulated("completions", { model: "demo", prompt: "Hello, gate!", ...body });

describe("a simulated completion", () => {
  test("has exact counts, 16 tokens without a bound, and depends only on the request", async () => {
    const { status, said } = await ask({});
    expect(status).toBe(200);
    expect(JSON.parse(said)).toMatchObject({
      object: "text_completion",
      choices: [{ index: 0, finish_reason: "length" }],
      // "Hello", ",", " gate", "!"
      usage: { prompt_tokens: 4, completion_tokens: 16, total_tokens: 20 },
    });
    expect(JSON.parse((await ask({})).said).choices).toEqual(JSON.parse(said).choices);
  });

  test("returns the best answers to each prompt, after the prompt if asked to, and counts all", async () => {
    const prompt = ["One", "Two"];
    const { choices, usage } = JSON.parse(
      (await ask({ prompt, n: 2, best_of: 3, echo: true, max_tokens: 5 })).said,
    );
    expect(choices).toHaveLength(4);
    expect(choices[2].text).toMatch(/^TwoThis is/);
    expect(usage).toEqual({ prompt_tokens: 2, completion_tokens: 30, total_tokens: 32 });
  });

  test("takes tokens for a prompt, and no other forms", async () => {
    expect(JSON.parse((await ask({ prompt: [[1, 2], [3]] })).said).usage.prompt_tokens).toBe(3);
    expect((await ask({ prompt: [] })).status).toBe(400);
  });

  test("streams the same, with the usage if asked to", async () => {
    const fields = { n: 2, echo: true, max_tokens: 5 };
    const whole = JSON.parse((await ask(fields)).said);
    const { said } = await ask({ ...fields, stream: true, stream_options: { include_usage: true } });
    const payloads = eventPayloads(said);
    expect(payloads.pop()).toBe("[DONE]");
    const chunks = payloads.map((payload) => JSON.parse(payload));
    expect(chunks.pop()).toMatchObject({ choices: [], usage: whole.usage });
    for (const { index, text: all } of whole.choices) {
      const parts = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index);
      expect(parts.map((part) => part.text).join("")).toBe(all);
      expect(parts.at(-1).finish_reason).toBe("length");
    }
    expect((await ask({ stream: true })).said).not.toContain("usage");
  });
});
