import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { StartUpError } from "#lib/config/start-up-error";
import { processIdentity, processState } from "#lib/db/embedded/processes";

export type DataDirectory = { path: string; release(): void };

const Holder = z.object({ pid: z.number(), identity: z.string(), host: z.string() });
type Holder = z.output<typeof Holder>;

const HEARTBEAT_MS = 5_000;
/** A process on another machine or container cannot be checked; it counts as dead after this silence. */
const SILENCE_MS = 3 * HEARTBEAT_MS;

/**
 * Creates DATA_DIR if needed and locks it for this process: two databases on the same files would destroy them.
 * Takes over the lock of a crashed process.
 * @throws StartUpError when it cannot be written or another Tollgate uses it
 */
export async function openDataDirectory(dataDir: string): Promise<DataDirectory> {
  const path = resolve(/*turbopackIgnore: true*/ dataDir);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const probe = join(path, `probe-${randomBytes(6).toString("hex")}`);
    writeFileSync(probe, "");
    unlinkSync(probe);
  } catch (error) {
    throw new StartUpError(
      `Cannot write to the data directory ${path} (${errorCode(error)}): give this user write access, or set DATA_DIR to another directory.`,
    );
  }
  const lock = join(path, "lock");
  await takeLock(lock, path);
  const heartbeat = setInterval(() => {
    try {
      utimesSync(lock, new Date(), new Date());
    } catch {
      // The directory was deleted; the database will report it.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const release = () => {
    clearInterval(heartbeat);
    process.off("exit", release);
    if (readHolder(lock)?.pid === process.pid) rmSync(lock, { force: true });
  };
  // Next may end the process without calling us.
  process.once("exit", release);
  return { path, release };
}

async function takeLock(lock: string, directory: string): Promise<void> {
  const self: Holder = { pid: process.pid, identity: processIdentity(process.pid), host: hostname() };
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      writeFileSync(lock, JSON.stringify(self), { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const holder = readHolder(lock);
    // Being written or just deleted: try again.
    if (holder === undefined && attempt < 10) {
      await sleep(20);
      continue;
    }
    if (holder && (await isAlive(holder, lock))) {
      throw new StartUpError(
        `Tollgate already runs on ${directory} (process ${holder.pid}${holder.host === self.host ? "" : ` on ${holder.host}`}): stop it first, or set DATA_DIR to another directory.`,
      );
    }
    removeStale(lock, holder);
  }
  throw new StartUpError(
    `Another Tollgate is starting on ${directory}: wait for it, or set DATA_DIR to another directory.`,
  );
}

async function isAlive(holder: Holder, lock: string): Promise<boolean> {
  if (holder.host === hostname()) {
    if (processState(holder.pid) !== "running") return false;
    return processIdentity(holder.pid) === holder.identity;
  }
  const seen = touchedAt(lock);
  while (Date.now() - seen < SILENCE_MS) {
    await sleep(500);
    if (touchedAt(lock) !== seen) return true;
  }
  return false;
}

/** Two starts may find the same stale lock: renaming it shows which of them moved the stale one. */
function removeStale(lock: string, stale: Holder | undefined): void {
  const aside = `${lock}.stale-${randomBytes(6).toString("hex")}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved && JSON.stringify(moved) !== JSON.stringify(stale)) renameSync(aside, lock);
  else rmSync(aside, { force: true });
}

function readHolder(lock: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(readFileSync(lock, "utf8"))).data;
  } catch {
    return undefined;
  }
}

function touchedAt(lock: string): number {
  try {
    return statSync(lock).mtimeMs;
  } catch {
    return 0;
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
