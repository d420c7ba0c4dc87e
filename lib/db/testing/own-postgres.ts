import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";
import { freePort } from "#lib/testing/listening";
import { type TestDatabase, withClients } from "./test-database";

/** A PostgreSQL for one test, for what no other test would survive. It is durable and keeps its port. */
export type OwnPostgres = {
  database: TestDatabase;
  /** Freezes all its processes: connections stay open, and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Kills all its processes, also frozen ones; its supervisor starts it again. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
};

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const directory = await mkdtemp(join(tmpdir(), `tollgate-test-${process.pid}-`));
  const port = await freePort();
  const launch = () =>
    startEmbeddedPostgres({
      directory: join(directory, "postgres"),
      settings: { port: String(port), autovacuum: "off" },
    });
  let server: EmbeddedPostgres | null = await launch();
  const url = new URL(server.url);
  url.port = String(port);
  await migrate(url.href);
  const sql = postgres(url.href, { max: 4, backoff: false, onnotice: () => {} });
  const signal = async (name: NodeJS.Signals) => {
    if (server === null) throw new Error("the server is not running");
    for (const pid of await processTree(server.pid())) signalIfRunning(pid, name);
  };
  const remove = async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  };

  return {
    database: withClients(url.href, sql, remove, 1),
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    kill: () => signal("SIGKILL"),
    stop: async () => {
      await server?.stop();
      server = null;
    },
    start: async () => {
      server = await launch();
    },
  };
}

/** A process and its children. */
async function processTree(pid: number): Promise<number[]> {
  const numbers = (await readdir("/proc")).map(Number).filter(Number.isSafeInteger);
  const parents = await Promise.all(numbers.map(parentOf));
  return [pid, ...numbers.filter((_, index) => parents[index] === pid)];
}

async function parentOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat === "" ? null : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** A process of the server, such as one of autovacuum, may have ended meanwhile. */
function signalIfRunning(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
