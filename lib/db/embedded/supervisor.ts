import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { childEnvironment } from "#lib/config/child-environment";
import { StartUpError } from "#lib/config/start-up-error";
import { socketUrl } from "#lib/db/socket-url";
import { type Account, chooseAccount, commandAs } from "./account";
import { type Binaries, findBinaries } from "./binaries";
import { type Cluster, DATABASE, ensureCluster, libraryPathOf } from "./cluster";
import { allocatorSettings, availableMemoryBytes, memorySettings } from "./memory-settings";
import { clearPidFile, readPidFile, stopServer } from "./pid-file";

export type EmbeddedOptions = {
  /** Contains the cluster, its password and its log. Its parent must exist, and the caller holds the parent's lock. */
  directory: string;
  /** Further server settings (`-c name=value`). */
  settings?: Readonly<Record<string, string>>;
  /** False disables flushing to disk and keeps PostgreSQL's default memory, for tests. */
  durable?: boolean;
  account?: Account;
  /** Called when the server ends unexpectedly, with what happens next. */
  onEnd?: (reason: string) => void;
};

export type EmbeddedPostgres = {
  /** Uses TCP; works for every client. */
  url: string;
  /** Uses the Unix socket, which is faster; for our own clients (socket-url.ts). */
  socketUrl: string;
  pid(): number;
  stop(): Promise<void>;
};

type Server = { child: ChildProcess; pid: number };

const START_TIMEOUT_MS = 120_000;
const LOG_LIMIT_BYTES = 10_000_000;
const MAX_RESTARTS_PER_MINUTE = 5;
/** After a crash its port or its memory can be in use for a moment: by its own processes, which end later, or others. */
const RESTART_WITHIN_MS = 30_000;
const RESTART_PAUSE_MS = 200;
const FIRST_PORT = 20_000;
const FIRST_PORT_OF_CONNECTIONS = 32_768;
const PORT_TRIES = 100;

/**
 * Starts the PostgreSQL that npm installed on 127.0.0.1 and a free port, and keeps it running until `stop()`. It survives
 * Ctrl-C and SIGTERM, which this process handles by draining, and ends when this process is killed. It is restarted
 * after a crash.
 * @throws StartUpError saying in one line why it does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const durable = options.durable ?? true;
  const account = options.account ?? chooseAccount();
  const binaries = findBinaries(join(dirname(options.directory), "postgres-libraries"));
  const cluster = ensureCluster(options.directory, binaries, account, durable);
  await clearPidFile(cluster.dataDirectory);
  clearSockets(cluster.dataDirectory);
  let port = await freePort();
  const launch = () => launchServer(options, binaries, account, cluster, port);

  let server = await launch().catch(async (error: unknown) => {
    if (!String(error).includes("TCP/IP sockets")) throw error;
    // Another process took the port before the database did.
    port = await freePort();
    return launch();
  });
  let stopping: Promise<void> | undefined;
  const restarts: number[] = [];
  const watch = () => {
    server.child.once("exit", async (code, signal) => {
      if (stopping) return;
      restarts.push(Date.now());
      const ended = `the database ended (${signal ?? `exit code ${code}`})`;
      if (restarts.filter((at) => at > Date.now() - 60_000).length > MAX_RESTARTS_PER_MINUTE) {
        options.onEnd?.(`${ended} too often and is not restarted`);
        return;
      }
      options.onEnd?.(`${ended} and is restarted`);
      try {
        server = await launchWithin(RESTART_WITHIN_MS, launch, () => stopping !== undefined);
        if (stopping) await stopServer(server.pid);
        else watch();
      } catch (error) {
        options.onEnd?.(error instanceof Error ? error.message : String(error));
      }
    });
  };
  watch();
  const url = `postgres://${DATABASE}:${cluster.password}@127.0.0.1:${port}/${DATABASE}`;
  return {
    url,
    socketUrl: socketUrl(url, cluster.dataDirectory),
    pid: () => server.pid,
    stop: () => {
      stopping ??= stopServer(server.pid);
      return stopping;
    },
  };
}

/**
 * Launches again and again until one works.
 * @throws StartUpError of the last one, after `withinMs` or when it is no longer wanted
 */
async function launchWithin(
  withinMs: number,
  launch: () => Promise<Server>,
  unwanted: () => boolean,
): Promise<Server> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    try {
      return await launch();
    } catch (error) {
      if (unwanted() || Date.now() > deadlineMs) throw error;
      await sleep(RESTART_PAUSE_MS);
    }
  }
}

/** Removes the sockets of a server that could not clean up. */
function clearSockets(dataDirectory: string): void {
  for (const name of readdirSync(dataDirectory)) {
    if (name.startsWith(".s.PGSQL.")) rmSync(join(dataDirectory, name), { force: true });
  }
}

async function launchServer(
  options: EmbeddedOptions,
  binaries: Binaries,
  account: Account,
  cluster: Cluster,
  port: number,
): Promise<Server> {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    // In the data directory, not in /tmp, where any user may create one. The next start removes it after a crash.
    unix_socket_directories: process.platform === "win32" ? "" : ".",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    // Compiling costs more than it saves for short queries.
    jit: "off",
    ...(options.durable === false
      ? { fsync: "off", full_page_writes: "off", synchronous_commit: "off" }
      : memorySettings(availableMemoryBytes())),
    ...options.settings,
  };
  const [command = "", ...parameters] = commandAs(account, binaries.postgres, [
    "-D",
    cluster.dataDirectory,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ]);
  const log = join(options.directory, "log");
  const output = openSync(log, "a", 0o600);
  if (statSync(log).size > LOG_LIMIT_BYTES) truncateSync(log);
  const logStart = statSync(log).size;
  // Detached, since Ctrl-C goes to the whole process group and would stop the database before the drain ends.
  const child = spawn(/*turbopackIgnore: true*/ command, parameters, {
    detached: true,
    stdio: ["ignore", output, output],
    env: childEnvironment({
      LC_ALL: "C",
      ...allocatorSettings(availableMemoryBytes()),
      ...libraryPathOf(binaries),
    }),
  });
  closeSync(output);
  child.unref();
  let spawnError: Error | undefined;
  child.once("error", (error) => {
    spawnError = error;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const { pid } = child;
    if (pid === undefined || spawnError || child.exitCode !== null || child.signalCode !== null) break;
    const file = readPidFile(cluster.dataDirectory);
    if (file?.pid === pid && file.ready) return { child, pid };
    await sleep(10);
  }
  child.kill("SIGINT");
  throw new StartUpError(
    `The embedded database does not start: ${spawnError?.message ?? lastError(log, logStart)} (${log})`,
  );
}

function lastError(log: string, from: number): string {
  const lines = readFileSync(log).subarray(from).toString("utf8").trim().split("\n");
  const errors = lines.filter((line) => /(FATAL|PANIC|DETAIL|error while loading)/.test(line));
  const reported = errors.length > 0 ? errors.slice(-2) : lines.slice(-1);
  return (
    reported.map((line) => line.replace(/^.*?\] /, "")).join(" ") ||
    `no answer in ${START_TIMEOUT_MS / 1000} s`
  );
}

/**
 * A free port below those that systems give to outgoing connections (from 32 768 on Linux, from 49 152 elsewhere): no such
 * connection can take it while the database restarts.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const port = randomInt(FIRST_PORT, FIRST_PORT_OF_CONNECTIONS);
    if (await isFree(port)) return port;
  }
  throw new StartUpError(
    `The embedded database does not start: ${PORT_TRIES} ports from ${FIRST_PORT} to ${FIRST_PORT_OF_CONNECTIONS} were tried, and all are in use.`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
