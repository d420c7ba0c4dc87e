import { describe, expect, test } from "vitest";
import { NO_USAGE } from "#lib/credit/prices/meters";
import { readWholeEmbeddings } from "./whole";

const read = (body: unknown) =>
  readWholeEmbeddings(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
const usage = { prompt_tokens: 8, total_tokens: 8 };

describe("an answer to an embedding", () => {
  test.each([
    ["numbers", [0.5, -0.5]],
    ["Base64", "AAAAPwAAAL8="],
  ])("is its vectors, as %s, with their exact usage", async (_, embedding) => {
    const said = await read({ object: "list", data: [{ index: 0, embedding }], model: "m", usage });
    expect(said).toEqual({
      said: "content",
      error: null,
      usage: { ...NO_USAGE, inputTokens: 8 },
      outputTokens: 0,
      statedCostPicoUsd: null,
    });
  });

  test("is read without its numbers if it is large", async () => {
    const embedding = Array.from({ length: 100_000 }, (_, i) => i / 3);
    const data = Array.from({ length: 20 }, (_, index) => ({ object: "embedding", index, embedding }));
    const bytes = Buffer.from(JSON.stringify({ data, usage }));
    expect(bytes.length).toBeGreaterThan(20_000_000);
    expect(await readWholeEmbeddings(bytes)).toMatchObject({ said: "content", usage: { inputTokens: 8 } });
  });

  test.each<[string, "error" | "unusable", unknown]>([
    ["an error", "error", { error: { message: "no such model" } }],
    ["vLLM's error", "error", { object: "error", message: "no", code: 400 }],
    ["a page", "error", "<html><body>gone</body></html>"],
    ["nothing", "error", ""],
    ["no vectors", "unusable", { object: "list", data: [], usage }],
    ["empty vectors", "unusable", { object: "list", data: [{ embedding: [] }], usage }],
    ["an answer to something else", "unusable", { choices: [{ message: { content: "Hi" } }] }],
    ["broken JSON", "unusable", '{"data":[{"embedding":[0.5,'],
  ])("is %s: %s", async (_, said, body) => {
    expect(await read(body)).toMatchObject({ said });
  });
});
