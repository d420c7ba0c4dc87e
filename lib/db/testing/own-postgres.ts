import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";
import type { TestDatabase } from "./test-database";

/** A PostgreSQL of a test's own, on a port that stays its own, for what no other test would survive. It is durable. */
export type OwnPostgres = {
  database: TestDatabase;
  /** Stops every process of it where it stands: connections stay open, and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Kills every process of it, frozen ones too; its supervisor starts it again. */
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
    if (server === null) throw new Error("it does not run");
    for (const pid of await family(server.pid())) process.kill(pid, name);
  };

  return {
    database: {
      url: url.href,
      sql,
      drop: async () => {
        await sql.end({ timeout: 1 });
        await server?.stop();
        await rm(directory, { recursive: true, force: true });
      },
    },
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
async function family(pid: number): Promise<number[]> {
  const numbers = (await readdir("/proc")).map(Number).filter(Number.isSafeInteger);
  const parents = await Promise.all(numbers.map(parentOf));
  return [pid, ...numbers.filter((_, index) => parents[index] === pid)];
}

async function parentOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat === "" ? null : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
