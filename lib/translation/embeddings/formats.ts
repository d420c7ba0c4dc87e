import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { tokenCount } from "#lib/dialects/usage";
import type { EmbeddingFormat, Vectors } from "./format";

/** Without a limit of its own. */
const ANY_BYTES = Number.POSITIVE_INFINITY;
const ONE = { texts: 1, bytes: ANY_BYTES };
/** ai.google.dev/gemini-api/docs/embeddings#control-embedding-size */
const GOOGLES_MOST = 3_072;

/** Google AI: several texts in one request (ai.google.dev/api/embeddings#method:-models.batchembedcontents). */
const gemini: EmbeddingFormat = {
  name: "gemini-embeddings",
  most: () => ({ texts: 100, bytes: ANY_BYTES }),
  hasDimensions: () => true,
  usualDimensions: () => GOOGLES_MOST,
  encode: ({ texts, dimensions }, upstreamModel) => ({
    requests: texts.map((text) => ({
      model: `models/${upstreamModel.replace(/^models\//, "")}`,
      content: { parts: [{ text }] },
      outputDimensionality: dimensions?.value,
    })),
  }),
  read: ({ body }) => {
    if (!isObject(body) || !Array.isArray(body.embeddings)) return null;
    return vectorsOf(
      body.embeddings.map((one: unknown) => (isObject(one) ? one.values : null)),
      usageIn(body),
    );
  },
};

/**
 * Earlier models are billed by characters, and a price has tokens: Google's own of $0.000025 for 1,000 characters is $0.10
 * for a million of tokens of four characters (cloud.google.com/vertex-ai/generative-ai/pricing#embedding-models).
 */
const isBilledByCharacter = (upstreamModel: string): boolean => !/gemini/.test(upstreamModel);
const CHARACTERS_PER_TOKEN = 4;

function tokensOfCharacters(metadata: unknown): number | null {
  const characters = isObject(metadata) ? tokenCount(metadata.billableCharacterCount) : null;
  return characters === null ? null : Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/**
 * Vertex AI: up to 250 texts of 20,000 tokens in all, and of `gemini-embedding-001` one (docs.cloud.google.com/vertex-ai/
 * generative-ai/docs/model-reference/text-embeddings-api). A text that is too long is an error, as everywhere else.
 */
const vertex: EmbeddingFormat = {
  name: "vertex-embeddings",
  most: (upstreamModel) => (/gemini-embedding/.test(upstreamModel) ? ONE : { texts: 250, bytes: 60_000 }),
  hasDimensions: () => true,
  usualDimensions: (upstreamModel) => (isBilledByCharacter(upstreamModel) ? 768 : GOOGLES_MOST),
  encode: ({ texts, dimensions }) => ({
    instances: texts.map((content) => ({ content })),
    parameters: { autoTruncate: false, outputDimensionality: dimensions?.value },
  }),
  read: ({ body }, upstreamModel) => {
    if (!isObject(body) || !Array.isArray(body.predictions)) return null;
    const found = body.predictions.map((one: unknown) =>
      isObject(one) && isObject(one.embeddings) ? one.embeddings : {},
    );
    const counts = found.map(({ statistics }) =>
      isObject(statistics) ? tokenCount(statistics.token_count) : null,
    );
    const tokens = isBilledByCharacter(upstreamModel) ? tokensOfCharacters(body.metadata) : null;
    const counted = sumOf(counts);
    return vectorsOf(
      found.map(({ values }) => values),
      tokens === null ? counted : Math.max(tokens, counted ?? 0),
    );
  },
};

/** Vertex AI's form for newer models, which take one text (…/rest/v1/projects.locations.publishers.models/embedContent). */
const vertexContent: EmbeddingFormat = {
  name: "vertex-embed-content",
  most: () => ONE,
  hasDimensions: () => true,
  usualDimensions: () => GOOGLES_MOST,
  encode: ({ texts: [text = ""], dimensions }) => ({
    content: { parts: [{ text }] },
    autoTruncate: false,
    outputDimensionality: dimensions?.value,
  }),
  read: ({ body }) =>
    isObject(body) && isObject(body.embedding) ? vectorsOf([body.embedding.values], usageIn(body)) : null,
};

/** Titan's models on Bedrock (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html). */
const titan: EmbeddingFormat = {
  name: "titan-embeddings",
  most: () => ONE,
  hasDimensions: (upstreamModel) => /titan-embed-text-v2/.test(upstreamModel),
  usualDimensions: () => 1_536,
  encode: ({ texts: [inputText = ""], dimensions }) => ({ inputText, dimensions: dimensions?.value }),
  read: ({ body }) =>
    isObject(body) ? vectorsOf([body.embedding], tokenCount(body.inputTextTokenCount)) : null,
};

const INPUT_TYPES = new Set(["search_document", "search_query", "classification", "clustering"]);

/**
 * Cohere's models on Bedrock (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html). What the vectors
 * are for is required: documents, unless the client's `input_type` says otherwise.
 */
const cohere: EmbeddingFormat = {
  name: "cohere-embeddings",
  most: () => ({ texts: 96, bytes: ANY_BYTES }),
  hasDimensions: isSince4,
  usualDimensions: () => 1_536,
  encode: ({ texts, dimensions, inputType }, upstreamModel) => ({
    texts,
    input_type: inputType !== null && INPUT_TYPES.has(inputType) ? inputType : "search_document",
    truncate: "NONE",
    ...(isSince4(upstreamModel) ? { embedding_types: ["float"], output_dimension: dimensions?.value } : {}),
  }),
  read: ({ body, headerTokens }) => {
    if (!isObject(body)) return null;
    const { embeddings } = body;
    const found = isObject(embeddings) ? embeddings.float : embeddings;
    return Array.isArray(found) ? vectorsOf(found, headerTokens) : null;
  },
};

function isSince4(upstreamModel: string): boolean {
  return /embed-v[4-9]/.test(upstreamModel);
}

/** A new wire is a format and a line here. */
export const EMBEDDING_FORMATS: readonly EmbeddingFormat[] = [gemini, vertex, vertexContent, titan, cohere];

function vectorsOf(found: readonly unknown[], tokens: number | null): Vectors | null {
  const vectors = found.filter(isVector);
  return vectors.length === found.length ? { vectors, tokens } : null;
}

const isVector = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0;

function usageIn({ usageMetadata: usage }: JsonObject): number | null {
  return isObject(usage) ? (tokenCount(usage.promptTokenCount) ?? tokenCount(usage.totalTokenCount)) : null;
}

/** Null if one is missing. */
export const sumOf = (counts: readonly (number | null)[]): number | null =>
  counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
