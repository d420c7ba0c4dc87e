import { decodedBody } from "#lib/gateway/pipeline/decode-body";
import type { Target, UpstreamAnswer } from "#lib/providers/wire";
import { isAboutContent, isAboutOurAccount } from "./about-our-account";
import { errorInBody, type ProviderError } from "./error-body";
import { type ScrubbedError, scrubbedError } from "./scrub";

/** A provider's no to the client's own request: passed on with its body, scrubbed. */
export type UpstreamRefusal = { status: number; error: ScrubbedError };

/** A provider's no that is not the client's doing: another target may say yes. */
export class TargetRefused extends Error {
  override name = "TargetRefused";
  /** @param said the provider's words, scrubbed: for the log, not for the client */
  constructor(
    readonly status: number,
    readonly retryAfterSeconds: number | null,
    said: string | null = null,
  ) {
    super(`The provider answered with the status ${status}`, said === null ? {} : { cause: new Error(said) });
  }
}

/** Another target may be waiting: a body that says when to come again is not waited for. */
const HINT_PATIENCE_MS = 500;
const MAX_ERROR_BYTES = 64 * 1024;
/** About our credentials, our account, a proxy of ours, the provider's patience or its load. */
const NOT_THE_CLIENTS = new Set([401, 402, 407, 408, 425, 429]);
/** What a client's mistake is answered with; another status says so only with an error's body. */
const THE_CLIENTS = new Set([400, 413, 422]);

/**
 * Reads an answer of 400 or above.
 * @throws TargetRefused when it is not about the client's request
 */
export async function readRefusal(answer: UpstreamAnswer, target: Target): Promise<UpstreamRefusal> {
  const { status } = answer;
  if (status === 429) throw new TargetRefused(status, await secondsToWait(answer));
  if (status >= 500 || NOT_THE_CLIENTS.has(status)) {
    answer.body.cut();
    throw new TargetRefused(status, null);
  }
  const error = errorInBody(await errorText(answer));
  const scrubbed = scrubbedError(error, target);
  if (!isAboutTheRequest(status, error)) throw new TargetRefused(status, null, scrubbed.message);
  return { status, error: scrubbed };
}

/** An account may be out of credit with a 400, and content unwanted with a 403. */
function isAboutTheRequest(status: number, error: ProviderError | null): boolean {
  if (error === null) return THE_CLIENTS.has(status);
  return status === 403 ? isAboutContent(error) : !isAboutOurAccount(error);
}

/** Nothing, where it cannot be read. */
async function errorText(answer: UpstreamAnswer): Promise<string> {
  try {
    return String(await decodedBody(answer).whole(MAX_ERROR_BYTES));
  } catch {
    return "";
  }
}

/** As the headers say; else as Google does, in the body. */
async function secondsToWait(answer: UpstreamAnswer): Promise<number | null> {
  const milliseconds = Number(answer.headers["retry-after-ms"] ?? Number.NaN);
  const seconds = retryAfterSeconds(answer.headers["retry-after"]);
  if (seconds !== null || milliseconds > 0) {
    answer.body.cut();
    return seconds ?? Math.ceil(milliseconds / 1000);
  }
  const impatience = setTimeout(answer.body.cut, HINT_PATIENCE_MS);
  const text = await errorText(answer);
  clearTimeout(impatience);
  const [, delay] = /"retryDelay"\s{0,8}:\s{0,8}"(\d{1,6}(?:\.\d{1,9})?)s"/.exec(text) ?? [];
  return delay === undefined ? null : Math.ceil(Number(delay));
}

/** Seconds, from either form that HTTP allows (RFC 9110 §10.2.3). */
function retryAfterSeconds(value: string | string[] | undefined): number | null {
  if (typeof value !== "string") return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
