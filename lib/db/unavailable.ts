/** Thrown when the database does not answer in time or cannot be reached. */
export class DatabaseUnavailable extends Error {
  override name = "DatabaseUnavailable";
  constructor(
    message: string,
    /** False: the database has done nothing. True: it may have. */
    readonly maybeDone: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Codes of postgres.js and Node, and PostgreSQL's for temporary failures (its documentation, appendix A). */
const LOST_CONNECTION =
  /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|08|53|57|25006)/;

/** An error's code, from any layer; "" without one. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** Whether an error means that the database is unavailable, and not that the query is invalid. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return error instanceof DatabaseUnavailable || LOST_CONNECTION.test(codeOf(error)) || isSocketGone(error);
}

/** A server that stops removes its Unix socket. */
const isSocketGone = (error: unknown): boolean =>
  codeOf(error) === "ENOENT" && error instanceof Error && "syscall" in error && error.syscall === "connect";
