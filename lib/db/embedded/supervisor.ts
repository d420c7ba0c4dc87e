import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { childEnvironment } from "#lib/config/child-environment";
import { StartUpError } from "#lib/config/start-up-error";
import { bySocket } from "#lib/db/socket-url";
import { type Account, chooseAccount, commandAs } from "./account";
import { type Binaries, findBinaries } from "./binaries";
import { type Cluster, DATABASE, ensureCluster, libraryPathOf } from "./cluster";
import { clearPidFile, readPidFile, stopServer } from "./pid-file";

export type EmbeddedOptions = {
  /** Holds the cluster, its password and its log; its parent must exist, and the caller holds the parent's lock. */
  directory: string;
  /** Server settings (`-c name=value`) besides our own. */
  settings?: Readonly<Record<string, string>>;
  /** False: nothing is flushed to disk. For tests. */
  durable?: boolean;
  account?: Account;
  /** Told when the server ended without being asked to, and what is done about it. */
  onEnd?: (reason: string) => void;
};

export type EmbeddedPostgres = {
  /** By TCP, for every client. */
  url: string;
  /** By its Unix socket, which is quicker, for ours (socket-url.ts). */
  socketUrl: string;
  pid(): number;
  stop(): Promise<void>;
};

type Server = { child: ChildProcess; pid: number };

const STARTS_WITHIN_MS = 120_000;
const LOG_LIMIT_BYTES = 10_000_000;
const RESTARTS_PER_MINUTE = 5;

/**
 * Starts the PostgreSQL that npm installed on 127.0.0.1 and a free port, and keeps it running until
 * `stop()`. It outlives Ctrl-C and SIGTERM, which are ours to answer after a drain, and ends when this
 * process is killed. After a crash it recovers by itself.
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
    // Somebody took the port between our asking for it and the database's.
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
      if (restarts.filter((at) => at > Date.now() - 60_000).length > RESTARTS_PER_MINUTE) {
        options.onEnd?.(`${ended} too often and stays down`);
        return;
      }
      options.onEnd?.(`${ended} and is started again`);
      try {
        server = await launch();
        watch();
      } catch (error) {
        options.onEnd?.(error instanceof Error ? error.message : String(error));
      }
    });
  };
  watch();
  const url = `postgres://${DATABASE}:${cluster.password}@127.0.0.1:${port}/${DATABASE}`;
  return {
    url,
    socketUrl: bySocket(url, cluster.dataDirectory),
    pid: () => server.pid,
    stop: () => {
      stopping ??= stopServer(server.pid);
      return stopping;
    },
  };
}

/** What an earlier server left that had no time to. */
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
    // In the data directory, not in /tmp, where everybody may make one. A crash leaves it; the next start takes it away.
    unix_socket_directories: process.platform === "win32" ? "" : ".",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    // Short queries only: compiling them costs more than it saves.
    jit: "off",
    ...(options.durable === false
      ? { fsync: "off", full_page_writes: "off", synchronous_commit: "off" }
      : {}),
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
  // Detached: Ctrl-C in the terminal goes to the whole group, and would take the database from under the drain.
  const child = spawn(/*turbopackIgnore: true*/ command, parameters, {
    detached: true,
    stdio: ["ignore", output, output],
    env: childEnvironment({ LC_ALL: "C", ...libraryPathOf(binaries) }),
  });
  closeSync(output);
  child.unref();
  let spawnError: Error | undefined;
  child.once("error", (error) => {
    spawnError = error;
  });
  const deadline = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < deadline) {
    const { pid } = child;
    if (pid === undefined || spawnError || child.exitCode !== null || child.signalCode !== null) break;
    const file = readPidFile(cluster.dataDirectory);
    if (file?.pid === pid && file.ready) return { child, pid };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill("SIGINT");
  throw new StartUpError(
    `The embedded database does not start: ${spawnError?.message ?? lastComplaint(log, logStart)} (${log})`,
  );
}

function lastComplaint(log: string, from: number): string {
  const lines = readFileSync(log).subarray(from).toString("utf8").trim().split("\n");
  const complaints = lines.filter((line) => /(FATAL|PANIC|DETAIL|error while loading)/.test(line));
  const said = complaints.length > 0 ? complaints.slice(-2) : lines.slice(-1);
  return (
    said.map((line) => line.replace(/^.*?\] /, "")).join(" ") || `no answer in ${STARTS_WITHIN_MS / 1000} s`
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
