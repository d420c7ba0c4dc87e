import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartUpError } from "#lib/config/start-up-error";
import { commandLine, processState, waitUntilGone } from "./processes";

/** What postmaster.pid says: who runs on this data directory, and whether it takes connections yet. */
export type PidFile = { pid: number; ready: boolean };

const pathOf = (dataDirectory: string) => join(dataDirectory, "postmaster.pid");

export function readPidFile(dataDirectory: string): PidFile | undefined {
  if (!existsSync(pathOf(dataDirectory))) return undefined;
  const lines = readFileSync(pathOf(dataDirectory), "utf8").split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, ready: lines[7]?.trim() === "ready" };
}

/**
 * Makes way for a new server after a crash. The caller holds the directory's lock, so a server that
 * still runs here is an orphan: it is asked to stop, as gently as it allows.
 * @throws StartUpError when it will not end
 */
export async function clearPidFile(dataDirectory: string): Promise<void> {
  const pid = readPidFile(dataDirectory)?.pid;
  if (pid === undefined) return;
  const state = processState(pid);
  if (state === "gone") return;
  if (state === "running" && commandLine(pid).includes(dataDirectory)) {
    await stopServer(pid);
    if (readPidFile(dataDirectory)?.pid !== pid) return;
  }
  // A zombie, or another program that was given the number since. PostgreSQL would believe the file;
  // it knows its own parent's number to be no server, and still checks the shared memory named below it.
  const lines = readFileSync(pathOf(dataDirectory), "utf8").split("\n");
  writeFileSync(pathOf(dataDirectory), [String(process.pid), ...lines.slice(1)].join("\n"));
}

/**
 * Stops a server: a fast shutdown (clients are disconnected), an immediate one where that does not end.
 * @throws StartUpError when it survives both
 */
export async function stopServer(pid: number): Promise<void> {
  for (const [signal, timeoutMs] of [
    ["SIGINT", 20_000],
    ["SIGQUIT", 5_000],
    ["SIGKILL", 2_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await waitUntilGone(pid, timeoutMs)) return;
  }
  throw new StartUpError(`The database (process ${pid}) does not stop: end it by hand, then start again.`);
}
