import type { Dispatcher } from "undici";
import { AddressNotAllowed } from "./address";
import type { Probe, ProbeTarget } from "./provider-type";
import { scrubText } from "./scrub-text";
import { upstreamError } from "./upstream-error";

type Answer = { status: number; text: string };

const DEADLINE_MS = 10_000;
/** Enough to recognize JSON and to read an error. */
const MAX_BYTES = 16_384;
const MAX_ERROR_CHARACTERS = 300;

/** Statuses of a provider that has no list of models, but may serve them. */
const NO_LIST = new Set([404, 405, 501]);
/** Statuses for a request without a model: the provider accepted the credentials and read the body. */
const BODY_WAS_READ = new Set([400, 422]);

/** What differs among APIs that list their models at `models`. */
type ProbedApi = {
  /** Where a request may be sent that is rejected for its empty body. */
  path: string;
  /** Headers that every request needs: names and values, alternating. */
  headers: readonly string[];
};

const OPENAI: ProbedApi = { path: "chat/completions", headers: [] };
const ANTHROPIC: ProbedApi = { path: "messages", headers: ["anthropic-version", "2023-06-01"] };

type SendProbe = (agent: Dispatcher, provider: ProbeTarget) => Promise<Probe>;

const probeOf =
  (api: ProbedApi): SendProbe =>
  (agent, provider) =>
    probeWithin(agent, provider, DEADLINE_MS, api);

/**
 * Lists the models of a provider that speaks OpenAI's dialects: free, and it succeeds only with a working
 * address and credentials. A provider without that list gets an empty request instead, which it must reject.
 */
export const probeOpenAi: SendProbe = probeOf(OPENAI);

/** The same for one that speaks Anthropic's. */
export const probeAnthropic: SendProbe = probeOf(ANTHROPIC);

/** The same with a deadline, for tests. */
export async function probeWithin(
  agent: Dispatcher,
  provider: ProbeTarget,
  deadlineMs: number,
  api: ProbedApi = OPENAI,
): Promise<Probe> {
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(deadlineMs);
  let error: string | null;
  try {
    const asked = { ...provider, authHeaders: [...api.headers, ...provider.authHeaders] };
    const listed = await ask(agent, asked, "models", signal);
    error = NO_LIST.has(listed.status)
      ? checkRejection(await ask(agent, asked, api.path, signal, "{}"), provider)
      : checkList(listed, provider);
  } catch (cause) {
    error = signal.aborted
      ? `The provider did not answer within ${deadlineMs / 1000} seconds.`
      : failure(cause);
  }
  return { latencyMs: Math.round(performance.now() - startedMs), error };
}

async function ask(
  agent: Dispatcher,
  { baseUrl, authHeaders }: ProbeTarget,
  path: string,
  signal: AbortSignal,
  post?: string,
): Promise<Answer> {
  const { origin, pathname } = new URL(`${baseUrl}/${path}`);
  const headers = ["accept", "application/json", ...authHeaders];
  if (post !== undefined) headers.push("content-type", "application/json");
  const { statusCode, body } = await agent.request({
    origin,
    path: pathname,
    method: post === undefined ? "GET" : "POST",
    headers,
    body: post,
    signal,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes >= MAX_BYTES) break;
  }
  return { status: statusCode, text: Buffer.concat(chunks).toString("utf8", 0, MAX_BYTES) };
}

function checkList(answer: Answer, provider: ProbeTarget): string | null {
  if (answer.status !== 200) return errorFor(answer, provider);
  return /^\s*[[{]/.test(answer.text)
    ? null
    : "The provider did not answer with JSON. Is this the base URL of an API?";
}

function checkRejection(answer: Answer, provider: ProbeTarget): string | null {
  if (BODY_WAS_READ.has(answer.status) || (answer.status >= 200 && answer.status < 300)) return null;
  if (NO_LIST.has(answer.status)) {
    return `The provider serves no API at this base URL (status ${answer.status}). Is the version segment missing, like /v1?`;
  }
  return errorFor(answer, provider);
}

function errorFor(answer: Answer, provider: ProbeTarget): string {
  const { status } = answer;
  const message = messageIn(answer.text);
  const said = message === null ? "" : `: ${scrubText(message, provider).slice(0, MAX_ERROR_CHARACTERS)}`;
  if (status === 401 || status === 403)
    return `The provider rejected the credentials (status ${status})${said}`;
  if (status === 429) return `The provider's rate limit or quota is exhausted (status 429)${said}`;
  if (status >= 300 && status < 400)
    return `The provider redirects to another URL (status ${status}). Use that one as the base URL.`;
  return `The provider answered with status ${status}${said}`;
}

/** The message of an error in OpenAI's shape or a similar one. */
function messageIn(text: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  for (const field of ["error", "message", "detail"]) {
    if (typeof parsed !== "object" || parsed === null) break;
    const value: unknown = Reflect.get(parsed, field);
    if (value !== undefined) parsed = value;
  }
  return typeof parsed === "string" && parsed !== "" ? parsed : null;
}

function failure(cause: unknown): string {
  if (cause instanceof AddressNotAllowed) return "Tollgate does not connect to this address.";
  const error = cause instanceof Error ? cause : new Error("unknown", { cause });
  return `${upstreamError(error, false).message}.`;
}
