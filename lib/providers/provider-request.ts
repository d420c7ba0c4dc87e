import type { Dispatcher } from "undici";
import { AddressNotAllowed } from "./address";
import { hideSecrets } from "./hide-secrets";
import type { ProbeTarget } from "./provider-type";
import { fieldIn, parsedJson, readAtMost } from "./read-json";
import { scrubText } from "./scrub-text";
import { upstreamError } from "./upstream-error";

/** What a provider answers to an administrator's request. */
export type ProviderAnswer = {
  status: number;
  /** Without our credentials. */
  text: string;
  /** False if the answer is longer than what was read. */
  isWhole: boolean;
};

type Asked = {
  /** Below the base URL, without a leading slash; may have a query. */
  path: string;
  /** Besides those that authenticate: names and values, alternating. */
  headers?: readonly string[];
  /** A JSON text to post; absent for a GET. */
  post?: string;
  signal: AbortSignal;
  maxBytes: number;
};

const MAX_ERROR_CHARACTERS = 300;

const JSON_TYPE = "application/json";

/**
 * Sends one request and reads the start of the answer. Follows no redirect. A token that was revoked is renewed, as for
 * a client's request.
 */
export async function askProvider(
  agent: Dispatcher,
  provider: ProbeTarget,
  asked: Asked,
): Promise<ProviderAnswer> {
  const { answer, signature } = await askOnce(agent, provider, asked);
  const isStale = answer.status === 401 && provider.signer?.renew(signature) === true;
  return isStale ? (await askOnce(agent, provider, asked)).answer : answer;
}

async function askOnce(
  agent: Dispatcher,
  provider: ProbeTarget,
  { path: below, headers = [], post, signal, maxBytes }: Asked,
): Promise<{ answer: ProviderAnswer; signature: readonly string[] }> {
  const url = new URL(`${provider.baseUrl}/${below}`);
  const { origin } = url;
  const path = url.pathname + url.search;
  const method = post === undefined ? "GET" : "POST";
  const contentType = post === undefined ? null : JSON_TYPE;
  const toSign = { method, origin, path, contentType, body: post ?? "" } as const;
  const signature = (await provider.signer?.sign(toSign, agent)) ?? [];
  const sent = ["accept", JSON_TYPE, "accept-encoding", "identity"];
  sent.push(...headers, ...provider.authHeaders, ...signature);
  if (contentType !== null) sent.push("content-type", contentType);
  const { statusCode, body } = await agent.request({
    origin,
    path,
    method,
    headers: sent,
    body: post,
    signal,
  });
  const { bytes, isWhole } = await readAtMost(body, maxBytes);
  const text = hideSecrets(bytes, provider).toString("utf8");
  return { answer: { status: statusCode, text, isWhole }, signature };
}

/** What is wrong, by an answer that is no success. Holds no secret. */
export function problemIn({ status, text }: ProviderAnswer, provider: ProbeTarget): string {
  const message = messageIn(text);
  const said = message === null ? "" : `: ${scrubText(message, provider).slice(0, MAX_ERROR_CHARACTERS)}`;
  if (status === 401 || status === 403)
    return `The provider rejected the credentials (status ${status})${said}`;
  if (status === 429) return `The provider's rate limit or quota is exhausted (status 429)${said}`;
  if (status >= 300 && status < 400)
    return `The provider redirects to another URL (status ${status}). Use that one as the base URL.`;
  return `The provider answered with status ${status}${said}`;
}

/** What is wrong if there is no answer. */
export function problemOf(cause: unknown): string {
  if (cause instanceof AddressNotAllowed) return "Tollgate does not connect to this address.";
  const error = cause instanceof Error ? cause : new Error("unknown", { cause });
  return `${upstreamError(error, false).message}.`;
}

/** What is wrong if the answer does not come in time. */
export const noAnswerWithin = (deadlineMs: number): string =>
  `The provider did not answer within ${deadlineMs / 1000} seconds.`;

/** Statuses of a provider that has no list of models, but may serve them. */
export const NO_LIST: ReadonlySet<number> = new Set([404, 405, 501]);

/** What is wrong if the answer is no JSON. */
export const NO_JSON = "The provider did not answer with JSON. Is this the base URL of an API?";

/** The message of an error in OpenAI's shape or a similar one. */
function messageIn(text: string): string | null {
  let found = parsedJson(text);
  // AWS has both spellings.
  for (const name of ["error", "message", "Message", "detail"]) found = fieldIn(found, name) ?? found;
  return typeof found === "string" && found !== "" ? found : null;
}
