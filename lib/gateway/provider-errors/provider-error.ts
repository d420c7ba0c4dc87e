import type { ErrorFields } from "#lib/http/api-error";
import { decodedBody } from "#lib/providers/decode-body";
import type { Target, UpstreamAnswer } from "#lib/providers/wire";
import { isAboutContent, isAboutOurAccount } from "./about-our-account";
import { errorInBody, type ProviderError } from "./error-body";
import { scrubbedError } from "./scrub";

/** A provider's error that is not the client's fault: another target may serve the request. */
export class TargetFailed extends Error {
  override name = "TargetFailed";
  /** @param said the provider's message, scrubbed: for the log, not for the client */
  constructor(
    readonly status: number,
    readonly retryAfterSeconds: number | null,
    said: string | null = null,
  ) {
    super(`The provider answered with status ${status}`, said === null ? {} : { cause: new Error(said) });
  }
}

/** Short, since another target may be waiting: how long to read a body that may say when to retry. */
const HINT_TIMEOUT_MS = 500;
const MAX_ERROR_BYTES = 64 * 1024;
/** About our credentials, our account, a proxy of ours, or the provider's load. */
const NOT_ABOUT_THE_REQUEST = new Set([401, 402, 407, 408, 425, 429]);
/** About the client's request even without a readable body. */
const ABOUT_THE_REQUEST = new Set([400, 413, 422]);

/**
 * Reads an answer of 400 or above.
 * @returns the error about the client's request, scrubbed
 * @throws TargetFailed if it is about anything else
 */
export async function readProviderError(answer: UpstreamAnswer, target: Target): Promise<ErrorFields> {
  const { status } = answer;
  if (status === 429) throw new TargetFailed(status, await secondsToWait(answer));
  if (status >= 500 || NOT_ABOUT_THE_REQUEST.has(status)) {
    answer.body.cut();
    throw new TargetFailed(status, null);
  }
  const error = errorInBody(await errorText(answer));
  const scrubbed = scrubbedError(error, target);
  if (!isAboutTheRequest(status, error)) throw new TargetFailed(status, null, scrubbed.message);
  return scrubbed;
}

/** A 400 may say that an account is out of credit, and a 403 that content is not allowed. */
function isAboutTheRequest(status: number, error: ProviderError | null): boolean {
  if (error === null) return ABOUT_THE_REQUEST.has(status);
  return status === 403 ? isAboutContent(error) : !isAboutOurAccount(error);
}

/** Empty if it cannot be read. */
async function errorText(answer: UpstreamAnswer): Promise<string> {
  try {
    return String(await decodedBody(answer).whole(MAX_ERROR_BYTES));
  } catch {
    return "";
  }
}

/** From the headers, or from the body, where Google puts it. */
async function secondsToWait(answer: UpstreamAnswer): Promise<number | null> {
  const milliseconds = Number(answer.headers["retry-after-ms"] ?? Number.NaN);
  const seconds = retryAfterSeconds(answer.headers["retry-after"]);
  if (seconds !== null || milliseconds > 0) {
    answer.body.cut();
    return seconds ?? Math.ceil(milliseconds / 1000);
  }
  const timeout = setTimeout(answer.body.cut, HINT_TIMEOUT_MS);
  const text = await errorText(answer);
  clearTimeout(timeout);
  const [, delay] = /"retryDelay"\s{0,8}:\s{0,8}"(\d{1,6}(?:\.\d{1,9})?)s"/.exec(text) ?? [];
  return delay === undefined ? null : Math.ceil(Number(delay));
}

/** Reads seconds or a date, the two forms that HTTP allows (RFC 9110 §10.2.3). */
function retryAfterSeconds(value: string | string[] | undefined): number | null {
  if (typeof value !== "string") return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
