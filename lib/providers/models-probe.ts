import type { Dispatcher } from "undici";
import {
  askProvider,
  NO_JSON,
  NO_LIST,
  noAnswerWithin,
  type ProviderAnswer,
  problemIn,
  problemOf,
} from "./provider-request";
import type { Probe, ProbeTarget } from "./provider-type";

const DEADLINE_MS = 10_000;
/** Enough to recognize JSON and to read an error. */
const MAX_BYTES = 16_384;

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
/** Google's list is always there. */
const GOOGLE: ProbedApi = { path: "models", headers: [] };
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

/** The same for Google AI. */
export const probeGoogle: SendProbe = probeOf(GOOGLE);

/** The same with a deadline, for tests. */
export async function probeWithin(
  agent: Dispatcher,
  provider: ProbeTarget,
  deadlineMs: number,
  api: ProbedApi = OPENAI,
): Promise<Probe> {
  return timed(deadlineMs, async (signal) => {
    const asked = { headers: api.headers, signal, maxBytes: MAX_BYTES };
    const listed = await askProvider(agent, provider, { ...asked, path: "models" });
    return NO_LIST.has(listed.status)
      ? checkRejection(await askProvider(agent, provider, { ...asked, path: api.path, post: "{}" }), provider)
      : checkList(listed, provider);
  });
}

/** @param ask what is wrong; null: nothing */
async function timed(
  deadlineMs: number,
  ask: (signal: AbortSignal) => Promise<string | null>,
): Promise<Probe> {
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(deadlineMs);
  let error: string | null;
  try {
    error = await ask(signal);
  } catch (cause) {
    error = signal.aborted ? noAnswerWithin(deadlineMs) : problemOf(cause);
  }
  return { latencyMs: Math.round(performance.now() - startedMs), error };
}

/**
 * Sends a request without its fields, which a provider rejects at no charge, and only after the credentials. For an API
 * without a list of models.
 * @param isReached whether an error comes from the API itself, and not from what checks the credentials
 */
export const probeEmpty =
  (path: string, isReached: (answer: ProviderAnswer) => boolean = readBody): SendProbe =>
  (agent, provider) =>
    timed(DEADLINE_MS, async (signal) => {
      const answer = await askProvider(agent, provider, { path, post: "{}", signal, maxBytes: MAX_BYTES });
      return readBody(answer) || isReached(answer) ? null : problemIn(answer, provider);
    });

const readBody = ({ status }: ProviderAnswer): boolean =>
  BODY_WAS_READ.has(status) || (status >= 200 && status < 300);

function checkList(answer: ProviderAnswer, provider: ProbeTarget): string | null {
  if (answer.status !== 200) return problemIn(answer, provider);
  return /^\s*[[{]/.test(answer.text) ? null : NO_JSON;
}

function checkRejection(answer: ProviderAnswer, provider: ProbeTarget): string | null {
  if (readBody(answer)) return null;
  if (NO_LIST.has(answer.status)) {
    return `The provider serves no API at this base URL (status ${answer.status}). Is the version segment missing, like /v1?`;
  }
  return problemIn(answer, provider);
}
