import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { freePort } from "#lib/testing/listening";

const PLACES = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];
const NAMES = ["redis-server", "valkey-server"];

/** The path of a real redis-server; null if none is installed (`npm test` installs one, e2e/run-tests.ts). */
export function redisServerPath(): string | null {
  const paths = PLACES.flatMap((place) => NAMES.map((name) => `${place}/${name}`));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** A real redis-server for one test: it writes no file and keeps its port when it starts again. */
export type TestRedis = {
  url: string;
  port: number;
  /** Starts it again, empty. */
  start: () => Promise<void>;
  /** Kills it, as `kill -9` does. */
  kill: () => Promise<void>;
  /** Stops answering, with its connections open. */
  freeze: () => void;
  thaw: () => void;
};

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const server of running) server.kill("SIGKILL");
});

/**
 * Starts a redis-server. Kill it when done; it also ends with the test's process.
 * @param options more command-line options
 */
export async function startRedis(options: readonly string[] = []): Promise<TestRedis> {
  const path = redisServerPath();
  if (path === null)
    throw new Error("no redis-server is installed: run apt-get install redis-server, or npm test");
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
        let output = "";
        started.once("error", reject);
        started.once("exit", () => reject(new Error(`redis-server ended: ${output}`)));
        started.stdout.on("data", (chunk: Buffer) => {
          output += chunk;
          if (output.includes("Ready to accept connections")) resolve();
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
