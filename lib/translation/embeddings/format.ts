import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Given } from "#lib/translation/turn";

/** What a client asks of a model that makes vectors. */
export type Asked = {
  /** Of each a vector, in their order. */
  texts: readonly string[];
  dimensions: Given<number> | null;
  /** What the vectors are for, as Cohere's clients say it; null if the client does not. */
  inputType: string | null;
};

/** What a provider has answered: its body, as parsed, and the tokens that a header of it reports. */
export type Answered = { body: unknown; headerTokens: number | null };

/** Vectors and the tokens that are reported for them; null if none are. */
export type Vectors = { vectors: readonly (readonly unknown[])[]; tokens: number | null };

/** A wire that makes vectors of texts. */
export type EmbeddingFormat = {
  /** As a provider type names it (`Wire.dialect`). */
  name: string;
  /** How much a request may have. */
  most: (upstreamModel: string) => { texts: number; bytes: number };
  /** Whether the length of the vectors can be chosen. */
  hasDimensions: (upstreamModel: string) => boolean;
  /** The most numbers that a vector of the model has if the client does not choose. */
  usualDimensions: (upstreamModel: string) => number;
  /** The body of a request for these texts. */
  encode: (asked: Asked, upstreamModel: string) => JsonObject;
  /** Null for what is no answer. */
  read: (answered: Answered, upstreamModel: string) => Vectors | null;
};
