import { type ClientHeaders, clientHeaders, type HeaderSource } from "./client-headers";

const BETA = ["openai-beta"] as const;
/** Codex sends such headers for the newest models. */
const CODEX = /^x-openai-internal-codex-[a-z0-9-]{1,64}$/;
const MOST_OF_CODEX = 16;

/**
 * The betas that a client of OpenAI's asks for.
 * @throws ApiError invalid_request
 */
export const openAiHeaders = (source: HeaderSource): ClientHeaders => clientHeaders(source, BETA);

/**
 * The same for an endpoint that Codex uses.
 * @throws ApiError invalid_request
 */
export function codexHeaders(source: HeaderSource): ClientHeaders {
  const own = source.headerNames().filter((name) => CODEX.test(name));
  return clientHeaders(source, [...BETA, ...own.slice(0, MOST_OF_CODEX)]);
}
