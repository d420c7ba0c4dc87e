import type { Dispatcher } from "undici";
import { AddressRefused } from "./address";
import type { Probe, ProbeTarget } from "./provider-type";
import { scrubText } from "./scrub-text";
import { upstreamError } from "./upstream-error";

type Answer = { status: number; text: string };

const DEADLINE_MS = 10_000;
/** Enough to tell JSON from a web page, and to read an error. */
const MOST_BYTES = 16_384;
const MOST_WORDS = 300;

/** What says that a provider does not list its models: it may serve them all the same. */
const NO_LIST = new Set([404, 405, 501]);
/** What a provider says of a request without a model: it has taken the credentials and read it. */
const READ = new Set([400, 422]);

/**
 * Asks a provider of OpenAI's dialect for its models: free of charge, and only with a working address and
 * credentials. One that lists none is sent an empty request instead, which it must refuse.
 */
export const probeOpenAi = (agent: Dispatcher, provider: ProbeTarget): Promise<Probe> =>
  probeWithin(agent, provider, DEADLINE_MS);

/** The same with a deadline, for tests. */
export async function probeWithin(
  agent: Dispatcher,
  provider: ProbeTarget,
  deadlineMs: number,
): Promise<Probe> {
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(deadlineMs);
  let error: string | null;
  try {
    const listed = await ask(agent, provider, "models", signal);
    error = NO_LIST.has(listed.status)
      ? judgeRefusal(await ask(agent, provider, "chat/completions", signal, "{}"), provider)
      : judgeList(listed, provider);
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
    // Leaving the loop cuts the connection.
    if (bytes >= MOST_BYTES) break;
  }
  return { status: statusCode, text: Buffer.concat(chunks).toString("utf8", 0, MOST_BYTES) };
}

function judgeList(answer: Answer, provider: ProbeTarget): string | null {
  if (answer.status !== 200) return refusal(answer, provider);
  return /^\s*[[{]/.test(answer.text) ? null : "The answer is no JSON: is this the base URL of an API?";
}

function judgeRefusal(answer: Answer, provider: ProbeTarget): string | null {
  if (READ.has(answer.status) || (answer.status >= 200 && answer.status < 300)) return null;
  if (NO_LIST.has(answer.status)) {
    return `The provider serves nothing at this base URL (status ${answer.status}). Does it lack the version segment, like /v1?`;
  }
  return refusal(answer, provider);
}

function refusal(answer: Answer, provider: ProbeTarget): string {
  const { status } = answer;
  const words = wordsOf(answer.text);
  const said = words === null ? "" : `: ${scrubText(words, provider).slice(0, MOST_WORDS)}`;
  if (status === 401 || status === 403)
    return `The provider refused the credentials (status ${status})${said}`;
  if (status === 429) return `The provider's rate limit or quota is used up (status 429)${said}`;
  if (status >= 300 && status < 400)
    return `The provider redirects elsewhere (status ${status}): give that URL.`;
  return `The provider answered with status ${status}${said}`;
}

/** The message of an error in OpenAI's shape, or in one of those that resemble it. */
function wordsOf(text: string): string | null {
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
  if (cause instanceof AddressRefused) return "Tollgate does not connect to this address.";
  const error = cause instanceof Error ? cause : new Error("unknown", { cause });
  return `${upstreamError(error, false).message}.`;
}
