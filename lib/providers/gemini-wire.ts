import type { Wire } from "./wire";

/**
 * The wire of Gemini's models, which no client of ours speaks: lib/translation has its requests and answers. A model may
 * be named as Google lists it: `models/…`, `publishers/google/models/…`.
 * @param models the path of the models, below the base URL
 */
export const geminiWire = (models: string): Wire => ({
  dialect: "gemini",
  path: ({ upstreamModel, stream }) =>
    `${models}/${googleModel(upstreamModel)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  outputLimitField: "maxOutputTokens",
  streamUsage: true,
});

/** Whether a model of Google's makes vectors of texts. */
export const isGoogleEmbedding = (upstreamModel: string): boolean =>
  /(?<!multimodal)embedding/.test(upstreamModel);

/**
 * A wire of Google's models that make vectors (lib/translation/embeddings).
 * @param dialect its form, and @param method what makes them in it
 */
export const googleEmbeddingWire = (models: string, dialect: string, method: string): Wire => ({
  dialect,
  path: ({ upstreamModel }) => `${models}/${googleModel(upstreamModel)}:${method}`,
  outputLimitField: null,
  streamUsage: false,
});

/** The last part of a model's name, for a path. */
const googleModel = (upstreamModel: string): string =>
  encodeURIComponent(upstreamModel.replace(/^(?:publishers\/google\/)?models\//, ""));
