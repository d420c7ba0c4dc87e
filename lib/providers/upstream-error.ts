/**
 * A provider did not answer in time. `dispatched`: the request was written to a connection, so it may have
 * been served and billed; false means that nothing was sent.
 */
export class UpstreamTimeout extends Error {
  override name = "UpstreamTimeout";
  constructor(
    message: string,
    readonly dispatched: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A provider could not be reached, or the connection broke; `dispatched` as in UpstreamTimeout. */
export class UpstreamUnreachable extends Error {
  override name = "UpstreamUnreachable";
  constructor(
    message: string,
    readonly dispatched: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The caller has cancelled the call. */
export class CallCancelled extends Error {
  override name = "CallCancelled";
  constructor() {
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
