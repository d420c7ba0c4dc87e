import { describe, expect, test } from "vitest";
import { parseEmbeddings } from "#lib/dialects/embeddings/parse";
import { testModel } from "#lib/gateway/testing/test-model";
import { inputTokenBound } from "./estimate";

const boundOf = (upstreamModel: string) =>
  inputTokenBound(
    parseEmbeddings(JSON.stringify({ model: "m", input: [[3597, 90280]] })),
    testModel(null, upstreamModel),
  );

describe("the input bound of tokens that are given as numbers", () => {
  test.each(["text-embedding-3-small", "text-embedding-ada-002"])("is a token each for %s", (model) => {
    expect(boundOf(model)).toBeLessThan(100);
  });

  test.each(["together_ai/BAAI/bge-large-en-v1.5", "our-embeddings"])(
    "has room for what %s makes of them as text",
    (model) => {
      // 64 and 114 marks, each a token of BERT's.
      expect(boundOf(model)).toBeGreaterThanOrEqual(64 + 114);
    },
  );
});
