/** Exit codes; `tollgate --help` lists them, too. */
export const EXIT = { ok: 0, failed: 1, usage: 2, denied: 3, notFound: 4, unreachable: 5 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

type Details = {
  /** What to do about it. */
  hint?: string | undefined;
  /** The server's response, for `--json`. */
  body?: unknown;
  /** The HTTP status, if the server rejected the request. */
  status?: number | undefined;
};

/** Why a command failed; the message is for the user. */
export class CliError extends Error {
  override name = "CliError";
  readonly hint: string | undefined;
  readonly body: unknown;
  readonly status: number | undefined;

  constructor(
    message: string,
    readonly exitCode: ExitCode,
    { hint, body, status }: Details = {},
  ) {
    super(message);
    this.hint = hint;
    this.body = body;
    this.status = status;
  }
}

/** The command line is wrong. */
export const wrongUsage = (message: string, hint?: string) => new CliError(message, EXIT.usage, { hint });
