import { errorBody } from "#lib/http/api-error";
import type { ErrorShape } from "./error-shape";

const NONE = {};

/** OpenAI's errors: `{"error": {"message", "type", "param", "code"}}`. */
export const openAiErrors: ErrorShape = {
  body: (error) => errorBody(error),
  headers: () => NONE,
  providerError: (error) => JSON.stringify({ error }),
};
