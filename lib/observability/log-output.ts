import "server-only";
import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { destination } from "pino";
import { oncePerProcess } from "#lib/config/once-per-process";

type Sink = ReturnType<typeof destination>;

/** Lines are written in batches, at least every 200 ms; the rest is written on exit. */
const BATCHES = { sync: false, minLength: 4096, periodicFlush: 200 };
/** How much waits for a file that cannot be written; what comes then is left out of it. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

const CLOSES_WITHIN_MS = 1_000;

const output = oncePerProcess("log-output", () => {
  const sinks: { stdout: Sink; file: Sink | null } = {
    stdout: destination({ dest: 1, ...BATCHES }),
    file: null,
  };
  return sinks;
});

/** Writes whole lines to stdout, and to the log file if there is one. */
export function writeLines(lines: string): void {
  output.stdout.write(lines);
  output.file?.write(lines);
}

export type LogFile = {
  /** Opens the file anew, after it was renamed. */
  reopen(): void;
  close(): Promise<void>;
};

/**
 * Writes the log to a file, too, from now on. Whatever happens to the file later, the log on stdout and the process go on.
 * @param onTrouble is told when the file cannot be written
 * @throws the error of opening it
 */
export async function openLogFile(path: string, onTrouble: (error: Error) => void): Promise<LogFile> {
  await mkdir(dirname(path), { recursive: true });
  // A destination that was never opened cannot be ended.
  await (await open(path, "a")).close();
  const file = destination({ dest: path, maxLength: MAX_WAITING_BYTES, ...BATCHES });
  await once(file, "ready");
  file.on("error", onTrouble);
  output.file = file;
  return {
    reopen: () => file.reopen(),
    close: async () => {
      if (output.file === file) output.file = null;
      file.end();
      const signal = AbortSignal.timeout(CLOSES_WITHIN_MS);
      await once(file, "close", { signal }).catch(() => file.destroy());
    },
  };
}
