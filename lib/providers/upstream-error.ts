class UpstreamFailure extends Error {
  constructor(
    message: string,
    /** The request was written to a connection, so it may have been served and billed; false: nothing was sent. */
    readonly dispatched: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A provider did not answer in time. */
export class UpstreamTimeout extends UpstreamFailure {
  override name = "UpstreamTimeout";
}

/** A provider could not be reached, or the connection broke. */
export class UpstreamUnreachable extends UpstreamFailure {
  override name = "UpstreamUnreachable";
}

/** A provider's answer is larger than Tollgate reads, or unpacks to far more than was sent. */
export class AnswerTooLarge extends Error {
  override name = "AnswerTooLarge";
}

/** The caller has cancelled the call. */
export class CallCancelled extends Error {
  override name = "CallCancelled";
  /** @param dispatched as of other failures: false: nothing was sent */
  constructor(readonly dispatched = true) {
    super("the call was cancelled");
  }
}

/** Translates undici's error. Messages name codes, never addresses or credentials. */
export function upstreamError(cause: Error, dispatched: boolean): UpstreamTimeout | UpstreamUnreachable {
  if (cause instanceof UpstreamTimeout || cause instanceof UpstreamUnreachable) return cause;
  const code = codeOf(cause);
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return new UpstreamTimeout("The provider did not accept a connection in time", false, { cause });
  }
  if (code === "UND_ERR_BODY_TIMEOUT") {
    return new UpstreamTimeout("The provider stopped in the middle of its answer", true, { cause });
  }
  const what = dispatched ? "The connection to the provider broke" : "The provider could not be reached";
  return new UpstreamUnreachable(code ? `${what} (${code})` : what, dispatched, { cause });
}

function codeOf(error: Error): string | undefined {
  if (error instanceof AggregateError) {
    const [first] = error.errors;
    return first instanceof Error ? codeOf(first) : undefined;
  }
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
