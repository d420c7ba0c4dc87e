import type { ReportedUsage } from "#lib/dialects/usage";
import type { Billed } from "#lib/gateway/provider-errors/billed-errors";
import { type PassedError, TargetFailed } from "#lib/gateway/provider-errors/provider-error";
import { ApiError } from "#lib/http/api-error";
import type { Cancellation } from "#lib/providers/cancellation";
import {
  AnswerTooLarge,
  CallCancelled,
  UpstreamTimeout,
  UpstreamUnreachable,
} from "#lib/providers/upstream-error";
import { type Attempted, UnusableAnswer } from "./attempt";
import type { ClientDisconnect } from "./client-disconnect";
import { EndedAfterReport } from "./open-stream";

/** What came of an attempt. */
export type Outcome = { kind: "said"; said: Attempted } | { kind: "failed"; failure: FailedAttempt };

/** What a late answer reports in the end. Never rejects. `cut` ends the reading. */
export type LateReport = { report: Promise<FailedAttempt>; cut: () => void };

/** Why a target did not answer. */
export type FailedAttempt = {
  error: ApiError;
  /** What the target reports to bill; null if it does not say. */
  reported: ReportedUsage | null;
  /** What it may bill besides: it may have served the request. */
  bills: Billed;
  /** Whether Tollgate stopped reading, where the target may go on. */
  isLeft: boolean;
  /** Whether no other target may be tried. */
  final: boolean;
  /** The provider's status; null if it sent none. */
  status: number | null;
  /** Whether the same target may answer if it is asked once more. */
  retryable: boolean;
  /** Whether it was waited for as long as its settings say. */
  tookItsTime: boolean;
  /** How long it asks to be left alone; null if it does not say. */
  retryAfterSeconds: number | null;
  /** What this says of the target, whatever the request: that it is down, that it has enough to do, or nothing. */
  blame: "down" | "busy" | "nothing";
  /** Whether the same target may answer with another of its provider's credentials. */
  isOfCredential: boolean;
  /** What its late answer reports, where that is read on for it. */
  late?: LateReport;
};

const LONGEST_RETRY_AFTER_S = 60;

const BLAMELESS = {
  status: null,
  retryable: false,
  tookItsTime: false,
  retryAfterSeconds: null,
  blame: "nothing",
  isOfCredential: false,
} as const;

/** A target that was not asked, since its provider allows no more at the moment. */
export const hadNoRoom = (waitMs: number): FailedAttempt => ({
  error: providerBusy(waitMs / 1_000),
  reported: null,
  bills: "nothing",
  isLeft: false,
  final: false,
  ...BLAMELESS,
  isOfCredential: true,
});

/** No client waits for an answer, and no other target has been asked for one. */
export const goneBefore = (): FailedAttempt => ({
  error: clientGone(),
  reported: null,
  bills: "nothing",
  isLeft: false,
  final: true,
  ...BLAMELESS,
});

/** An error of a target that was asked besides, about the request: another one may have none. */
export const refusedBesides = ({ error, status, usage, bills }: PassedError): FailedAttempt => ({
  error: new ApiError("upstream_error", `The provider answered with status ${status}.`, { cause: error }),
  reported: usage,
  bills,
  isLeft: false,
  final: false,
  ...BLAMELESS,
  status,
});

/** An attempt that was stopped, since another one has answered. @param reported what it reports to bill */
export const stoppedAttempt = (
  reported: ReportedUsage | null,
  { bills, isLeft }: Pick<FailedAttempt, "bills" | "isLeft">,
): FailedAttempt => ({
  // As long as it took, it did not answer in time.
  error: new ApiError("upstream_timeout", "Another target had content first."),
  reported,
  bills,
  isLeft,
  final: false,
  ...BLAMELESS,
});

/** @param stop cancelled if it was Tollgate that ended the attempt, such as when the client is gone */
export function failedAttempt(
  error: unknown,
  disconnect: Pick<ClientDisconnect, "isGone">,
  stop: Cancellation,
): FailedAttempt {
  if (error instanceof EndedAfterReport)
    return { ...failedAttempt(error.cause, disconnect, stop), reported: error.usage };
  if (stop.isCancelled()) {
    const dispatched = !(error instanceof CallCancelled) || error.dispatched;
    return {
      error: clientGone(),
      reported: null,
      bills: billedIf(dispatched),
      isLeft: dispatched,
      final: true,
      ...BLAMELESS,
    };
  }
  const failure = failureOfProvider(error);
  return disconnect.isGone() ? { ...failure, error: clientGone(), final: true } : failure;
}

const clientGone = () => new ApiError("client_closed_request", "The client closed the connection.");

function failureOfProvider(error: unknown): FailedAttempt {
  if (error instanceof TargetFailed) {
    const failed = error.status === 429 ? rateLimited(error) : failedInside(error);
    const { usage, bills, isTooLarge, status, retryAfterSeconds } = error;
    return {
      error: failed,
      reported: usage,
      bills,
      isLeft: false,
      final: false,
      status,
      retryable: !isTooLarge && status !== null && (status >= 500 || MAY_PASS.has(status)),
      tookItsTime: false,
      retryAfterSeconds,
      blame: isTooLarge ? "nothing" : blameFor(status),
      isOfCredential: status !== null && OF_CREDENTIAL.has(status),
    };
  }
  if (error instanceof UpstreamTimeout) {
    const timeout = new ApiError("upstream_timeout", `${error.message}.`, { cause: error });
    const { dispatched } = error;
    return {
      error: timeout,
      reported: null,
      bills: billedIf(dispatched),
      isLeft: dispatched,
      final: false,
      ...BLAMELESS,
      // The answer may be on its way, and billed.
      retryable: !dispatched,
      tookItsTime: true,
      blame: "down",
    };
  }
  if (error instanceof UnusableAnswer) {
    const failed = upstreamError(error.message, error);
    const bills = "output_so_far";
    return {
      error: failed,
      reported: error.usage,
      bills,
      isLeft: false,
      final: false,
      ...BLAMELESS,
      status: 200,
      blame: "down",
    };
  }
  if (error instanceof UpstreamUnreachable) {
    const failed = upstreamError(error.message, error);
    return {
      error: failed,
      reported: null,
      bills: billedIf(error.dispatched),
      isLeft: false,
      final: false,
      ...BLAMELESS,
      retryable: true,
      blame: "down",
    };
  }
  // There is no room for it here, whatever another target answers.
  if (error instanceof ApiError)
    return { error, reported: null, bills: "output_so_far", isLeft: true, final: true, ...BLAMELESS };
  // Another target would make as large an answer, and bill it once more.
  const isTooLarge = error instanceof AnswerTooLarge;
  const message = isTooLarge ? error.message : "The provider could not serve the request";
  return {
    error: upstreamError(message, error),
    reported: null,
    bills: "output_so_far",
    isLeft: isTooLarge,
    final: isTooLarge,
    ...BLAMELESS,
    blame: isTooLarge ? "nothing" : "down",
  };
}

const billedIf = (dispatched: boolean): Billed => (dispatched ? "output_so_far" : "nothing");

/** Statuses below 500 that say that the same request may be answered later. */
const MAY_PASS = new Set([408, 409, 429]);
/** Those about our key, account or balance. */
const OF_CREDENTIAL = new Set([401, 402, 403, 429]);
/** Those that say that no request is: our credentials, our balance, a proxy's time limit. */
const DOWN = new Set([401, 402, 403, 407, 408]);

/** Other statuses below 500 may be due to the request. */
function blameFor(status: number | null): FailedAttempt["blame"] {
  if (status === 429) return "busy";
  return status === null || status >= 500 || DOWN.has(status) ? "down" : "nothing";
}

const rateLimited = (error: TargetFailed) => providerBusy(error.retryAfterSeconds ?? 1, error);

function providerBusy(waitSeconds: number, cause?: Error): ApiError {
  const seconds = Math.min(Math.ceil(waitSeconds), LONGEST_RETRY_AFTER_S);
  return new ApiError("upstream_rate_limited", "The provider's rate limit is reached. Try again later.", {
    headers: { "retry-after": String(Math.max(1, seconds)) },
    cause,
  });
}

/** An error inside a 200 keeps its words and its status. */
function failedInside(error: TargetFailed): ApiError {
  if (error.shown === null) return upstreamError(error.message, error);
  const status = error.status !== null && error.status >= 500 ? error.status : undefined;
  return new ApiError("upstream_error", error.shown, { cause: error, status });
}

const upstreamError = (message: string, cause: unknown) =>
  new ApiError("upstream_error", `${message}.`, { cause });

/** Rate limited only if every target is; else the last other reason. */
export function overall(failures: readonly FailedAttempt[]): ApiError {
  const errors = failures.map((failure) => failure.error);
  const serious = errors.findLast((error) => error.code !== "upstream_rate_limited");
  const soonest = errors.toSorted(
    (a, b) => Number(a.headers["retry-after"]) - Number(b.headers["retry-after"]),
  )[0];
  const error = serious ?? soonest;
  if (!error) throw new Error("a request without a target was sent upstream");
  return error;
}
