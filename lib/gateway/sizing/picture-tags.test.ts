import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { png } from "#lib/dialects/media/testing/media-files";
import { testModel } from "#lib/gateway/testing/test-model";
import { inputTokenBound } from "./estimate";

const WINDOW = 131_072;
const picture = { type: "image_url", image_url: { url: `data:image/png;base64,${png(896, 896)}` } };
const boundOf = (content: unknown, upstreamModel: string, window: number | null = WINDOW) =>
  inputTokenBound(
    chat.parse(JSON.stringify({ model: "m", messages: [{ role: "user", content }] })),
    testModel(window, upstreamModel),
  );
const text = (words: string) => ({ type: "text", text: words });

describe("a tag that a server takes for a picture again", () => {
  // Ollama puts the picture of 256 tokens in place of each: 600 of them billed $0.39 of a budget of $0.10.
  test("is held as a picture, up to the context window", () => {
    expect(boundOf([picture, text("[img-0]".repeat(600))], "gemma3:27b")).toBeGreaterThanOrEqual(WINDOW);
    const two = boundOf([picture, text("[img-0][img-0]")], "qwen2.5vl:7b");
    expect(two - boundOf([picture, text("")], "qwen2.5vl:7b")).toBeGreaterThanOrEqual(2 * 256);
  });

  test("is a text where the body has no picture", () => {
    const tagged = boundOf([text("[img-0]".repeat(600))], "gemma3:27b");
    expect(tagged).toBe(boundOf([text("(img-0)".repeat(600))], "gemma3:27b"));
  });

  test("is a text at a provider that splits no prompt", () => {
    const tagged = boundOf([picture, text("[img-0]".repeat(600))], "claude-sonnet-4-5");
    expect(tagged).toBe(boundOf([picture, text("(img-0)".repeat(600))], "claude-sonnet-4-5"));
  });
});

test("a picture in HTML is held as one, as NVIDIA's vision endpoints read it", () => {
  const html = (count: number) =>
    `What is this? ${`<img src="data:image/png;base64,${png(1_120, 1_120)}" />`.repeat(count)}`;
  // Llama 3.2 Vision reads four tiles of 1 601 tokens.
  const more = boundOf(html(2), "meta/llama-3.2-11b-vision-instruct") - boundOf("x", "meta/llama-3.2-11b");
  expect(more).toBeGreaterThanOrEqual(2 * 6_404);
});
