import type { FieldSpan } from "./text/json-fields";

/**
 * A client's request as every stage sees it, whatever it speaks. Each dialect fills all keys in this order,
 * in one object literal: V8 then gives every call the same shape.
 */
export type Call = {
  /** The body as the client wrote it. */
  json: string;
  /** Where its top-level fields are. */
  fields: ReadonlyMap<string, FieldSpan>;
  model: string;
  stream: boolean;
  /** The client's bound on output tokens per answer; null if it names none. */
  maxOutputTokens: number | null;
  /** How many answers it asks for; 0 if nothing is generated. */
  answers: number;
  messageCount: number;
  /** Images by URL or as data. */
  imageCount: number;
  /** Whether an answer may be audio. */
  audio: boolean;
  /** Whether the client asked for the usage of a stream. */
  passUsage: boolean;
};
