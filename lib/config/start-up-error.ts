/**
 * Tollgate cannot start, for a reason that the operator can fix. `message` is one line that says what is wrong and what
 * to do; boot prints it and exits with 1.
 */
export class StartUpError extends Error {
  override name = "StartUpError";
}
