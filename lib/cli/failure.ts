/** What the CLI exits with; `tollgate --help` says the same in words. */
export const EXIT = { ok: 0, failed: 1, usage: 2, denied: 3, notFound: 4, unreachable: 5 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

type Details = {
  /** What to do about it. */
  hint?: string | undefined;
  /** The server's own answer, for `--json`. */
  body?: unknown;
  /** The HTTP status, where it was the server that refused. */
  status?: number | undefined;
};

/** The command did not do what it was asked to; the message is for the person who asked. */
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
