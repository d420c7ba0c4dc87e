import { StartUpError } from "#lib/config/start-up-error";
import { log } from "#lib/observability/log";
import { openLogFile } from "#lib/observability/log-output";

const TROUBLE_EVERY_MS = 60_000;

/**
 * Writes the log to LOG_FILE_PATH, too, and opens the file anew on SIGHUP, so that logrotate can rename it.
 * @returns what ends it
 * @throws StartUpError if the file cannot be opened
 */
export async function startLogFile(path: string): Promise<() => Promise<void>> {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const onTrouble = (error: Error) => {
    if (performance.now() - toldAtMs < TROUBLE_EVERY_MS) return;
    toldAtMs = performance.now();
    log.error({ err: error }, "the log file cannot be written; the log goes on at stdout");
  };
  const file = await openLogFile(path, onTrouble).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartUpError(`LOG_FILE_PATH: the file cannot be opened (${reason}): correct it, or unset it.`);
  });
  process.on("SIGHUP", file.reopen);
  return async () => {
    process.off("SIGHUP", file.reopen);
    await file.close();
  };
}
