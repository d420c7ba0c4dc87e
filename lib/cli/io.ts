import type { Readable, Writable } from "node:stream";
import type { CliEnvironment } from "#lib/config/cli-environment";

/** Where text goes. */
export type Output = {
  write(text: string): void;
  /** A person is looking. */
  isTerminal: boolean;
  /** Of the terminal; null where there is none, and text may be as wide as it is. */
  columns: number | null;
  colour: boolean;
  /** Aborted when nobody reads any more (`| head`): what is written then goes nowhere. */
  gone: AbortSignal;
};

export type Input = {
  isTerminal: boolean;
  stream: Readable;
};

/** All that the CLI has to do with the world, but for HTTP and the profiles' file. */
export type Io = {
  input: Input;
  out: Output;
  err: Output;
  /** The terminal's own stream, for reading lines with an editor; stderr, so that stdout is for answers. */
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

/** An output over a stream. A reader who has gone away is no error of ours. */
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
