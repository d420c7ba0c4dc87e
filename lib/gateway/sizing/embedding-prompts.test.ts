import { describe, expect, test } from "vitest";
import { embeddings } from "#lib/dialects/embeddings/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { inputBoundOf, inputTokenBound } from "./estimate";
import { countedInputBound } from "./spending-bound";

const INPUTS = 1_000;
const input = Array.from({ length: INPUTS }, () => "a");
const callOf = (fields: object) => embeddings.parse(JSON.stringify({ model: "m", input, ...fields }));

/** The least hold, as near a limit: for one token that was counted of each input. */
const heldBy = (fields: object) => inputBoundOf(INPUTS, callOf(fields), testModel(null, "voyage-3.5"));

describe("a short field of an embedding that Tollgate does not know", () => {
  test.each<[string, object, number]>([
    // "Represent the query for retrieving supporting documents: " with the marks around it
    ["Voyage's", { input_type: "query" }, 11],
    ["Jina's", { task: "retrieval.passage" }, 11],
    // "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
    ["that of SentenceTransformers", { prompt_name: "web_search_query" }, 22],
    ["a text of its own", { prefix: "x ".repeat(32) }, 65],
    ["a number", { prompt_number: 1 }, 22],
    ["one in a server's settings", { extra_body: { prompt_name: "query" } }, 22],
  ])("is held for with each input: %s", (_, fields, billedEach) => {
    expect(heldBy(fields)).toBeGreaterThanOrEqual(INPUTS * billedEach);
    expect(inputTokenBound(callOf(fields), testModel(null))).toBeGreaterThanOrEqual(INPUTS * billedEach);
  });

  test.each<[string, object]>([
    ["a known field", { encoding_format: "base64", dimensions: 256, user: "someone" }],
    ["a switch", { truncation: true, normalized: false, late_chunking: null }],
    ["no other field", {}],
  ])("is not seen in %s", (_, fields) => {
    expect(heldBy(fields)).toBe(heldBy({}));
  });

  test("costs little more than what it can add", () => {
    expect(heldBy({ input_type: "query" }) - heldBy({})).toBe(INPUTS * (32 + "query".length));
  });
});

describe("near a limit, English words", () => {
  const texts = ["neighborhood", "circumstances", "straightforward"].map((word) => ` ${word}`.repeat(80));
  const counted = (upstreamModel: string) => {
    const call = embeddings.parse(JSON.stringify({ model: "m", input: texts }));
    const model = testModel(null, upstreamModel);
    return countedInputBound(embeddings, call, model, inputTokenBound(call, model));
  };

  // bert-base-chinese writes each of them in six tokens: ne ##ig ##h ##bor ##hoo ##d.
  test.each(["BAAI/bge-large-zh-v1.5", "moka-ai/m3e-base", "shibing624/text2vec-base-chinese", "voyage-3.5"])(
    "are held as %s may split them",
    async (model) => {
      expect(await counted(model)).toBeGreaterThanOrEqual(3 * 80 * 6);
    },
  );

  test("are counted for a model whose tokenizer is known", async () => {
    expect(await counted("text-embedding-3-small")).toBeLessThan(3 * 80 * 4);
  });
});
