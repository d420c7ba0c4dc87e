import { type ErrorFields, errorBody } from "#lib/http/api-error";
import type { ErrorShape } from "./error-shape";

const NONE = {};

/** The event that tells a client that a stream has failed. */
export const openAiFailedEvent = (error: ErrorFields): Buffer =>
  Buffer.from(`data: ${JSON.stringify({ error })}\n\n`);

/** OpenAI's errors: `{"error": {"message", "type", "param", "code"}}`. */
export const openAiErrors: ErrorShape = {
  body: (error) => errorBody(error),
  headers: () => NONE,
  providerError: (error) => JSON.stringify({ error }),
};
