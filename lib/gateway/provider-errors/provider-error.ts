import { isBilled, type WholeAnswer } from "#lib/dialects/said";
import type { ReportedUsage } from "#lib/dialects/usage";
import type { ErrorFields } from "#lib/http/api-error";
import { decodedBody } from "#lib/providers/decode-body";
import { scrubText } from "#lib/providers/scrub-text";
import type { Target, UpstreamAnswer } from "#lib/providers/wire";
import { isAboutContent, isAboutOurAccount } from "./about-our-account";
import { isAboutTheTarget } from "./about-the-target";
import { type Billed, billedByError } from "./billed-errors";
import { errorInBody, errorInObject, type ProviderError } from "./error-body";
import { statusOf } from "./error-status";
import { secondsInBody, secondsInHeaders } from "./retry-after";
import { scrubbedError } from "./scrub";

/** A provider's error about the client's own request, scrubbed. */
export type PassedError = {
  status: number;
  error: ErrorFields;
  /** What the provider bills in spite of it; null if it does not say. */
  usage: ReportedUsage | null;
  /** What it bills without saying so. */
  bills: Billed;
};

type Failed = {
  /** The provider's status; null if it did not say. */
  status: number | null;
  retryAfterSeconds: number | null;
  usage: ReportedUsage | null;
  /** What it may bill without saying so: there is content beside the error, a proxy's time limit, or it is known to. */
  bills: Billed;
  /** Whether the request is larger than our account ever allows at once, whatever it has left. */
  isTooLarge: boolean;
  /** What the client may know, scrubbed: the words of an error inside a 200. */
  shown: string | null;
  /** The provider's message, scrubbed: for the log, not for the client. */
  said: string | null;
};

/** A provider's error that is not the client's fault: another target may serve the request. */
export class TargetFailed extends Error {
  override name = "TargetFailed";
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
  readonly usage: ReportedUsage | null;
  readonly bills: Billed;
  readonly isTooLarge: boolean;
  readonly shown: string | null;
  constructor({ status, retryAfterSeconds, usage, bills, isTooLarge, shown, said }: Failed) {
    const what = status === null ? "an error" : `status ${status}`;
    super(
      `The provider answered with ${what}`,
      said === null ? {} : { cause: new Error(`The provider said: ${said}`) },
    );
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
    this.usage = usage;
    this.bills = bills;
    this.isTooLarge = isTooLarge;
    this.shown = shown;
  }
}

/** Short, since another target may be waiting: how long to read a body that may say when to retry. */
const HINT_TIMEOUT_MS = 500;
const MAX_ERROR_BYTES = 64 * 1024;
/** Characters of a page or a text in the log. */
const MAX_LOGGED = 300;
/** About our credentials, our account or the provider's load. */
const NOT_ABOUT_THE_REQUEST = new Set([401, 402, 429]);
/** A proxy gave up waiting for an answer, which is billed all the same (credit.md). */
const TIMED_OUT = new Set([408, 504, 524]);
/** About the client's request even without a readable body. */
const ABOUT_THE_REQUEST = new Set([400, 413, 422]);

/** "Request too large for gpt-4o … on tokens per min (TPM): Limit 30000, Requested 61337", with a 429. */
const TOO_LARGE = /\brequest too large\b/i;

/**
 * Reads an answer of 400 or above.
 * @param readWhole the dialect's reader, which knows where a usage is
 * @returns the error about the client's request, scrubbed
 * @throws TargetFailed if it is about anything else
 */
export async function readProviderError(
  answer: UpstreamAnswer,
  target: Target,
  readWhole: (bytes: Buffer) => Promise<WholeAnswer>,
): Promise<PassedError> {
  const { status } = answer;
  const isUrgent = status >= 500 || NOT_ABOUT_THE_REQUEST.has(status);
  const bytes = await errorBytes(answer, isUrgent);
  const { usage } = await readWhole(bytes);
  const text = String(bytes);
  return judged(
    {
      status,
      error: errorInBody(text),
      usage,
      retryAfterSeconds: secondsInHeaders(answer.headers) ?? secondsInBody(text),
      isInside: false,
      hasContent: false,
      text,
    },
    target,
  );
}

/**
 * Judges an error inside a 200 as if it had come with the status that it names or means.
 * @param read what the dialect has read; `said` is `error`
 * @throws TargetFailed if it is about anything but the client's request
 */
export function judgeErrorInside(
  { error: detail, usage, outputTokens }: WholeAnswer,
  headers: UpstreamAnswer["headers"],
  target: Target,
): PassedError {
  const error = errorInObject(detail);
  return judged(
    {
      status: error === null ? null : statusOf(error),
      error,
      usage,
      retryAfterSeconds: secondsInHeaders(headers) ?? secondsInBody(JSON.stringify(detail)),
      isInside: true,
      hasContent: outputTokens > 0,
      text: JSON.stringify(detail) ?? "",
    },
    target,
  );
}

type Reported = {
  status: number | null;
  error: ProviderError | null;
  usage: ReportedUsage | null;
  retryAfterSeconds: number | null;
  isInside: boolean;
  /** Whether there is content beside it, which its usage does not count. */
  hasContent: boolean;
  /** The body, or what of it reports the error. */
  text: string;
};

function judged(reported: Reported, target: Target): PassedError {
  const { status, error, usage, retryAfterSeconds, isInside, hasContent, text } = reported;
  const billed = usage !== null && isBilled(usage) ? usage : null;
  const scrubbed = scrubbedError(error, target);
  const bills = billedByError({ status, error, text }, target);
  if (status !== null && !hasContent && isAboutTheRequest(status, error))
    return { status, error: scrubbed, usage: billed, bills: billed === null ? bills : "nothing" };
  const isOurs = error === null || isAboutOurAccount(error) || isAboutTheTarget(status, error);
  throw new TargetFailed({
    status,
    retryAfterSeconds,
    usage: billed,
    bills: bills === "nothing" && mayHaveServed(reported) ? "output_so_far" : bills,
    isTooLarge: TOO_LARGE.test(error?.message ?? ""),
    shown: isInside && !isOurs && !isAboutUs(status) ? scrubbed.message : null,
    said:
      (error === null ? scrubText(isInside ? "" : text, target).slice(0, MAX_LOGGED) : scrubbed.message) ||
      null,
  });
}

/** A 400 may say that an account is out of credit, and a 403 that content is not allowed. */
function isAboutTheRequest(status: number, error: ProviderError | null): boolean {
  if (status >= 500 || NOT_ABOUT_THE_REQUEST.has(status) || isAboutTheTarget(status, error)) return false;
  if (error === null) return ABOUT_THE_REQUEST.has(status);
  return status === 403 ? isAboutContent(error) : !isAboutOurAccount(error);
}

/** Whether a target may have served a request that it answers with an error. */
const mayHaveServed = ({ status, isInside, hasContent }: Reported): boolean =>
  hasContent || (!isInside && status !== null && TIMED_OUT.has(status));

/** Statuses whose words are for the operator. */
const isAboutUs = (status: number | null) => status !== null && status < 500 && status !== 429;

/** Empty if it cannot be read. */
async function errorBytes(answer: UpstreamAnswer, isUrgent: boolean): Promise<Buffer> {
  const timeout = isUrgent ? setTimeout(answer.body.cut, HINT_TIMEOUT_MS) : undefined;
  try {
    return await decodedBody(answer).whole(MAX_ERROR_BYTES);
  } catch {
    return Buffer.alloc(0);
  } finally {
    clearTimeout(timeout);
  }
}
