/** The database did not answer in time or could not be reached. */
export class DatabaseUnavailable extends Error {
  override name = "DatabaseUnavailable";
  constructor(
    message: string,
    /** False: the call was never sent. True: whether the database acted on it is not known. */
    readonly maybeDone: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** postgres.js's and Node's own codes, and PostgreSQL's for "not now" (its documentation, appendix A). */
const LOST_CONNECTION =
  /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|08|53|57|25006)/;

/** An error's code, from whichever layer; "" without one. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** True for every error that means the database is away, not that the request was wrong. */
export function isDatabaseAway(error: unknown): boolean {
  return error instanceof DatabaseUnavailable || LOST_CONNECTION.test(codeOf(error)) || isSocketGone(error);
}

/** A server that has stopped takes its Unix socket along. */
const isSocketGone = (error: unknown): boolean =>
  codeOf(error) === "ENOENT" && error instanceof Error && "syscall" in error && error.syscall === "connect";
