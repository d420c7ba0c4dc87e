import type { Readable, Writable } from "node:stream";
import type { CliEnvironment } from "#lib/config/cli-environment";

/** A stream for text. */
export type Output = {
  write(text: string): void;
  isTerminal: boolean;
  /** The width of the terminal; null without one, when lines may have any length. */
  columns: number | null;
  colour: boolean;
  /** Aborted when the reader closes the pipe (`| head`); later writes are dropped. */
  gone: AbortSignal;
};

export type Input = {
  isTerminal: boolean;
  stream: Readable;
};

/** Everything outside the CLI except HTTP and the profiles' file. */
export type Io = {
  input: Input;
  out: Output;
  err: Output;
  /** Where prompts are written: stderr, because stdout is for answers. */
  prompts: Writable;
  env: CliEnvironment;
};

export function ioOfProcess(env: CliEnvironment): Io {
  return {
    input: { isTerminal: process.stdin.isTTY === true, stream: process.stdin },
    out: outputTo(process.stdout, env.colour),
    err: outputTo(process.stderr, env.colour),
    prompts: process.stderr,
    env,
  };
}

/** An output over a stream. A reader that closes the pipe is not an error. */
export function outputTo(
  stream: Writable & { isTTY?: boolean; columns?: number },
  colourAllowed: boolean,
): Output {
  const gone = new AbortController();
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    gone.abort();
  });
  const isTerminal = stream.isTTY === true;
  return {
    write: (text) => {
      if (!gone.signal.aborted) stream.write(text);
    },
    isTerminal,
    columns: isTerminal && stream.columns ? stream.columns : null,
    colour: isTerminal && colourAllowed,
    gone: gone.signal,
  };
}
