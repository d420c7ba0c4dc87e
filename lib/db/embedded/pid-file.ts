import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartUpError } from "#lib/config/start-up-error";
import { commandLine, processState, waitUntilGone } from "./processes";

/** The content of postmaster.pid: the process on this data directory, and whether it accepts connections. */
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
 * Prepares for a new server after a crash. The caller holds the directory's lock, so a server that still runs here is an
 * orphan: this stops it, gracefully if possible.
 * @throws StartUpError when it does not stop
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
  // A zombie, or another program with the same pid. PostgreSQL would believe the file, so name this process instead: it
  // ignores the pid of its parent, and still checks the shared memory named in the file.
  const lines = readFileSync(pathOf(dataDirectory), "utf8").split("\n");
  writeFileSync(pathOf(dataDirectory), [String(process.pid), ...lines.slice(1)].join("\n"));
}

/**
 * Stops a server: a fast shutdown (clients are disconnected), then an immediate one, then a kill.
 * @throws StartUpError when it survives all of them
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
  throw new StartUpError(`The database (process ${pid}) does not stop: kill it, then start again.`);
}
