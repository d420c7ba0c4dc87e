import { describe, expect, test } from "vitest";
import { message } from "./testing/played-message";
import { readWholeMessage } from "./whole";

const read = (body: unknown) =>
  readWholeMessage(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
const usage = { input_tokens: 12, cache_read_input_tokens: 3, output_tokens: 29 };

describe("a whole message", () => {
  test("is content with the provider's usage", async () => {
    const answer = await read(
      message({ content: [{ type: "text", text: "Hello!" }], stop_reason: "end_turn", usage }),
    );
    expect(answer).toMatchObject({ said: "content", error: null, outputTokens: 0 });
    expect(answer.usage).toMatchObject({ inputTokens: 15, cachedTokens: 3, outputTokens: 29 });
  });

  test("has no input if it reports zero beside an output, as a stream's end", async () => {
    const answer = (reported: object) =>
      read(
        message({ content: [{ type: "text", text: "Hello!" }], stop_reason: "end_turn", usage: reported }),
      );
    const zero = { input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
    expect((await answer({ ...zero, output_tokens: 29 })).usage).toMatchObject({
      counts: { input: null, output: 29 },
    });
    expect((await answer({ ...zero, output_tokens: 0 })).usage).toMatchObject({ inputTokens: 0 });
    expect((await answer({ ...zero, cache_read_input_tokens: 7, output_tokens: 29 })).usage).toMatchObject({
      inputTokens: 7,
      cachedTokens: 7,
    });
  });

  test("may be empty if it says why it ended", async () => {
    expect(await read(message({ stop_reason: "refusal", usage }))).toMatchObject({ said: "content" });
    expect(await read(message({ stop_reason: null }))).toMatchObject({ said: "unusable" });
  });

  test("is estimated without a usage: texts, thinking and calls", async () => {
    const content = [
      { type: "thinking", thinking: "a".repeat(40), signature: "s".repeat(50) },
      { type: "text", text: "b".repeat(40) },
      { type: "tool_use", id: "toolu_1", name: "c".repeat(20), input: { path: "d".repeat(36) } },
    ];
    expect(await read(message({ content, stop_reason: "tool_use" }))).toMatchObject({
      said: "content",
      usage: null,
      outputTokens: 35,
    });
  });

  test.each([
    ["Anthropic's", { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
    ["OpenAI's", { error: { message: "Overloaded" } }],
    ["a proxy's page", "<html>Overloaded</html>"],
  ])("in the shape of an error is one: %s", async (_, body) => {
    expect(await read(body)).toMatchObject({ said: "error", usage: null, outputTokens: 0 });
  });

  test.each([[{}], [{ content: "text" }], ["{"]])("is unusable: %j", async (body) => {
    expect(await read(body)).toMatchObject({ said: "unusable" });
  });
});
