import { ApiError } from "#lib/http/api-error";
import { type CallerInfo, UNKNOWN_CALLER } from "./caller-info";

type Known = {
  callerInfo?: CallerInfo;
  /** Headers to add to the answer. */
  headers?: Readonly<Record<string, string>>;
};

/** An error that ends a request, with what its stages have found out so far. */
export class Rejected extends Error {
  override name = "Rejected";
  constructor(
    readonly error: unknown,
    readonly callerInfo: CallerInfo,
    readonly headers: Readonly<Record<string, string>>,
  ) {
    super("the request is rejected", { cause: error });
  }
}

/** Adds what a stage knows to an error; what an inner stage found out takes precedence. */
export function rejected(error: unknown, { callerInfo = UNKNOWN_CALLER, headers = {} }: Known): Rejected {
  if (!(error instanceof Rejected)) return new Rejected(error, callerInfo, headers);
  const inner = error.callerInfo === UNKNOWN_CALLER ? callerInfo : error.callerInfo;
  const model = inner.model ?? callerInfo.model;
  return new Rejected(error.error, { ...inner, model }, { ...headers, ...error.headers });
}

/** The error to show to the client; null for an unexpected one. */
export function apiErrorOf(error: unknown): ApiError | null {
  if (error instanceof Rejected) return apiErrorOf(error.error);
  return error instanceof ApiError ? error : null;
}
