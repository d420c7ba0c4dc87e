import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll } from "vitest";
import { childEnvironment } from "#lib/config/child-environment";
import type { TargetName } from "#lib/gateway/routing/target-key";
import { bundleProgram } from "#lib/testing/bundle-program";

/** A gateway in its own process, which a test may kill. */
export type GatewayProcess = {
  /** Ends in `/v1`. */
  url: string;
  /** What it knows of a target, without a request. */
  breakerOf(target: TargetName): Promise<string>;
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
};

export type GatewayProgram = {
  start(env: { DATABASE_URL: string; ENCRYPTION_KEY: string; DATA_DIR: string }): Promise<GatewayProcess>;
  /** Starts several on one database, each with a `DATA_DIR` of its own. */
  startReplicas(count: number, on: ReplicasOn): Promise<GatewayProcess[]>;
  /** Creates a `DATA_DIR`. */
  newDataDirectory(): Promise<string>;
};

type ReplicasOn = { database: { url: string }; encryptionKey: string };

const BREAKER_PATH = "/testing/breaker";

/**
 * The gateway as `server.ts` runs it, without the portal: on SIGTERM it settles what it can and ends. It tells a test of its
 * breakers.
 */
const PROGRAM = `
  import { createServer } from "node:http";
  import { handleGatewayMessage } from "#lib/gateway/mounts/handler";
  import { gateway } from "#lib/gateway/runtime/process-gateway";
  import { shutdownGateway } from "#lib/gateway/runtime/shutdown-gateway";
  gateway();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    if (pathname !== "${BREAKER_PATH}") return handleGatewayMessage(request, response);
    response.end(gateway().breakers.stateOf(Object.fromEntries(searchParams)));
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  process.on("SIGTERM", async () => { await shutdownGateway(); process.exit(0); });`;

/** Bundles the program for the tests of a file; after them its processes and files are gone. */
export async function bundleGateway(): Promise<GatewayProgram> {
  const directory = await mkdtemp(join(tmpdir(), "tollgate-gateway-"));
  const program = await bundleProgram(directory, "gateway", { code: PROGRAM });
  const running = new Set<ChildProcess>();
  const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    if (!running.delete(child)) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill(signal);
    await ended;
  };
  afterAll(async () => {
    await Promise.all([...running].map((child) => end(child, "SIGKILL")));
    await rm(directory, { recursive: true, force: true });
  });
  const newDataDirectory = () => mkdtemp(join(directory, "data-"));
  const started: GatewayProgram = {
    newDataDirectory,
    startReplicas: (count, { database, encryptionKey }) =>
      Promise.all(
        Array.from({ length: count }, async () =>
          started.start({
            DATABASE_URL: database.url,
            ENCRYPTION_KEY: encryptionKey,
            DATA_DIR: await newDataDirectory(),
          }),
        ),
      ),
    start: async (env) => {
      const child = spawn(process.execPath, [program], {
        env: childEnvironment({
          LOG_LEVEL: "silent",
          NEXTAUTH_SECRET: "not needed by the gateway",
          ...env,
        }),
        stdio: ["ignore", "pipe", "inherit"],
      });
      running.add(child);
      const [port] = await new Promise<string[]>((resolve, reject) => {
        createInterface(child.stdout).once("line", (line) => resolve([line]));
        child.once("close", () => reject(new Error("the gateway's process ended")));
      });
      const origin = `http://127.0.0.1:${port}`;
      return {
        url: `${origin}/v1`,
        breakerOf: async (target) => {
          const answer = await fetch(`${origin}${BREAKER_PATH}?${new URLSearchParams(target)}`);
          return answer.text();
        },
        kill: (signal) => end(child, signal),
      };
    },
  };
  return started;
}
