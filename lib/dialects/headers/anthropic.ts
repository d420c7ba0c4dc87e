import { type ClientHeaders, clientHeaders, type HeaderSource, invalidHeader } from "./client-headers";

const VERSION = "anthropic-version";
const BETA = "anthropic-beta";
const NAMES = [VERSION, BETA] as const;

/** Claude Code sends about ten. */
const MOST_BETAS = 50;

/**
 * The version of the API that a client of Anthropic's speaks, and the betas that it asks for
 * (platform.claude.com/docs/en/api/versioning, …/api/beta-headers).
 * @throws ApiError invalid_request for a version that is no date, or for what is no list of betas
 */
export function anthropicHeaders(source: HeaderSource): ClientHeaders {
  const headers = clientHeaders(source, NAMES);
  const version = headers.get(VERSION);
  if (version !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(version))
    throw invalidHeader(VERSION, 'must be a date, such as "2023-06-01"');
  const betas = headers.get(BETA)?.split(",") ?? [];
  if (betas.length > MOST_BETAS)
    throw invalidHeader(BETA, `has ${betas.length} betas: send at most ${MOST_BETAS}`);
  if (!betas.every((beta) => /^[\w.:-]*$/.test(beta.trim())))
    throw invalidHeader(BETA, "must be names of betas, separated by commas");
  return headers;
}
