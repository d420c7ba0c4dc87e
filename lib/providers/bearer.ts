import { z } from "zod";

/** An API key, sent as a bearer token. */
export const ApiKeyCredentials = z.strictObject({
  api_key: z
    .string("Give the API key as `credentials.api_key`.")
    // It travels in a header.
    .regex(/^[\x21-\x7e]{1,4000}$/, "Give the API key as it was issued, without spaces."),
});
type ApiKeyCredentials = z.output<typeof ApiKeyCredentials>;

/** The headers that authenticate a request with an API key. */
export const bearer = ({ api_key }: ApiKeyCredentials): readonly string[] => [
  "authorization",
  `Bearer ${api_key}`,
];

/** The same for Google AI. */
export const googleKeyHeader = ({ api_key }: ApiKeyCredentials): readonly string[] => [
  "x-goog-api-key",
  api_key,
];

/** The same for Anthropic's API. */
export const apiKeyHeader = ({ api_key }: ApiKeyCredentials): readonly string[] => ["x-api-key", api_key];
