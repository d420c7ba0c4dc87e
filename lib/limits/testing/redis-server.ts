import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";

const PLACES = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];
const NAMES = ["redis-server", "valkey-server"];

/** Where a real redis-server is; null for nowhere (`npm test` installs one, e2e/run-tests.ts). */
export function redisServerPath(): string | null {
  const paths = PLACES.flatMap((place) => NAMES.map((name) => `${place}/${name}`));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** A real redis-server of a test's own, without a file, on a port of its own that it keeps. */
export type TestRedis = {
  url: string;
  port: number;
  /** Starts it again, empty. */
  start: () => Promise<void>;
  /** Ends it at once, as `kill -9` does. */
  kill: () => Promise<void>;
  /** It keeps its connections and answers nothing. */
  freeze: () => void;
  thaw: () => void;
};

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const server of running) server.kill("SIGKILL");
});

/**
 * Starts a redis-server. Kill it when done; it goes with the test's process, too.
 * @param options what it is told beside its port
 */
export async function startRedis(options: readonly string[] = []): Promise<TestRedis> {
  const path = redisServerPath();
  if (path === null) throw new Error("no redis-server: apt-get install redis-server, or npm test");
  const port = await freePort();
  let server: ChildProcess | null = null;

  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    start: () =>
      new Promise((resolve, reject) => {
        const own = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
        const started = spawn(path, [...own, ...options]);
        server = started;
        running.add(started);
        started.once("exit", () => running.delete(started));
        let said = "";
        started.once("error", reject);
        started.once("exit", () => reject(new Error(`redis-server ended: ${said}`)));
        started.stdout.on("data", (chunk: Buffer) => {
          said += chunk;
          if (said.includes("Ready to accept connections")) resolve();
        });
      }),
    kill: () =>
      new Promise((resolve) => {
        if (server === null || server.exitCode !== null || server.signalCode !== null) return resolve();
        server.once("exit", () => resolve());
        server.kill("SIGKILL");
      }),
    freeze: () => server?.kill("SIGSTOP"),
    thaw: () => server?.kill("SIGCONT"),
  };
  await redis.start();
  return redis;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? resolve(address.port) : reject()));
    });
  });
}
