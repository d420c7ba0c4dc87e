import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { childEnvironment } from "#lib/config/child-environment";
import { StartUpError } from "#lib/config/start-up-error";
import { type Account, commandAs } from "./account";
import type { Binaries } from "./binaries";

export const DATABASE = "tollgate";

/** A database cluster on disk and its password. */
export type Cluster = { dataDirectory: string; password: string };

/**
 * Returns the cluster in `directory` (`data/` and `password`, mode 0600) and creates it if it is missing: in a temporary
 * directory that is then renamed, so that `directory` is always complete. The caller holds the lock.
 * @param durable false for tests: the files are not flushed to disk
 * @throws StartUpError when it cannot be created or belongs to another user
 */
export function ensureCluster(
  directory: string,
  binaries: Binaries,
  account: Account,
  durable: boolean,
): Cluster {
  const dataDirectory = join(directory, "data");
  const passwordFile = join(directory, "password");
  if (!existsSync(join(dataDirectory, "PG_VERSION"))) createCluster(directory, binaries, account, durable);
  takeOwnership(dataDirectory, account);
  return { dataDirectory, password: readFileSync(passwordFile, "utf8").trim() };
}

function createCluster(directory: string, binaries: Binaries, account: Account, durable: boolean): void {
  const parent = dirname(directory);
  const prefix = `${basename(directory)}.new-`;
  for (const leftover of readdirSync(parent).filter((name) => name.startsWith(prefix))) {
    rmSync(join(parent, leftover), { recursive: true, force: true });
  }
  if (existsSync(directory)) {
    throw new StartUpError(
      `${directory} contains no Tollgate database: move it away, or set DATA_DIR to another directory.`,
    );
  }
  const side = join(parent, `${prefix}${process.pid}`);
  const dataDirectory = join(side, "data");
  const passwordFile = join(side, "password");
  mkdirSync(side, { mode: 0o700 });
  mkdirSync(dataDirectory, { mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  chownTo(account, side, dataDirectory, passwordFile);
  run(binaries, account, binaries.initdb, [
    `--pgdata=${dataDirectory}`,
    `--username=${DATABASE}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // The built-in locale sorts the same on every system and survives an upgrade of its libraries.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
    ...(durable ? [] : ["--no-sync"]),
  ]);
  run(
    binaries,
    account,
    binaries.postgres,
    ["--single", "-D", dataDirectory, ...(durable ? [] : ["-F"]), "postgres"],
    `CREATE DATABASE ${DATABASE}\n`,
  );
  renameSync(side, directory);
}

function run(
  binaries: Binaries,
  account: Account,
  program: string,
  parameters: readonly string[],
  input = "",
): void {
  const [command = "", ...rest] = commandAs(account, program, parameters);
  const done = spawnSync(/*turbopackIgnore: true*/ command, rest, {
    input,
    encoding: "utf8",
    env: childEnvironment({ LC_ALL: "C", ...libraryPathOf(binaries) }),
  });
  if (done.status === 0) return;
  const lines = `${done.stderr ?? ""}\n${done.stdout ?? ""}`.split("\n");
  const problem = lines.find((line) => /^(initdb|postgres): |FATAL|error while loading/.test(line));
  const reason = problem ?? done.error?.message ?? done.signal;
  throw new StartUpError(
    `The embedded database could not be created: ${reason ?? `${basename(program)} exited with ${done.status}`}. Set DATABASE_URL to use another PostgreSQL.`,
  );
}

export function libraryPathOf(binaries: Binaries): Record<string, string> {
  return binaries.libraryPath ? { LD_LIBRARY_PATH: binaries.libraryPath } : {};
}

/** PostgreSQL must own its files, and root may have started it as another user last time. */
function takeOwnership(dataDirectory: string, account: Account): void {
  if (account.ownerUid === undefined) return;
  const { uid } = statSync(dataDirectory);
  if (uid === account.ownerUid) return;
  if (process.getuid?.() !== 0) {
    throw new StartUpError(
      `${dataDirectory} belongs to another user (uid ${uid}): start Tollgate as that user, or set DATA_DIR to another directory.`,
    );
  }
  for (const entry of readdirSync(dataDirectory, { recursive: true, encoding: "utf8" })) {
    chownTo(account, join(dataDirectory, entry));
  }
  chownTo(account, dataDirectory);
}

function chownTo(account: Account, ...paths: string[]): void {
  if (process.getuid?.() !== 0 || account.ownerUid === undefined) return;
  for (const path of paths) chownSync(path, account.ownerUid, account.ownerUid);
}
