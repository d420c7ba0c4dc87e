import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { childEnvironment } from "#lib/config/child-environment";
import { projectRoot } from "#lib/config/project-root";
import { bundleProgram, type Replacements } from "#lib/testing/bundle-program";
import type { Random } from "./random";

/** Short; but a hold requires ten seconds of its process's lease to be left. */
export const LEASE_SECONDS = 14;
const HEARTBEAT_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 1_500;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 90_000;

type Replica = { child: ChildProcess; url: string; frozen: boolean };

/** The gateway processes. Each has a place, which is empty while a process starts. */
export type Fleet = {
  /** The URL of a running gateway, as a load balancer would choose it; null if there is none. */
  anyUrl(random: Random): string | null;
  start(place: number): Promise<void>;
  /** kill -9 */
  kill(place: number): Promise<void>;
  /** SIGTERM; returns the exit code. */
  stop(place: number): Promise<number | null>;
  freeze(place: number): void;
  thaw(place: number): void;
  isUp(place: number): boolean;
  places: number;
  close(): Promise<void>;
};

export type FleetOptions = {
  folder: string;
  places: number;
  env: Record<string, string>;
  /** Parts of the program that are replaced in these processes. Default: none. */
  replacements?: Replacements;
};

/** Bundles the program once and starts it in every place. */
export async function startFleet({ folder, places, env, replacements }: FleetOptions): Promise<Fleet> {
  const source = { file: "e2e/chaos/gateway-process.ts" };
  const program = await bundleProgram(folder, "gateway", source, replacements);
  const replicas = new Map<number, Replica>();

  async function start(place: number): Promise<void> {
    const log = openSync(join(folder, `gateway-${place}.log`), "a");
    const parameters = [LEASE_SECONDS, HEARTBEAT_EVERY_MS, SWEEP_EVERY_MS].map(String);
    const child = spawn(process.execPath, ["--enable-source-maps", program, ...parameters], {
      cwd: projectRoot(),
      env: childEnvironment(env),
      stdio: ["ignore", log, log, "ipc"],
    });
    closeSync(log);
    const port = await portOf(child);
    child.once("exit", () => {
      if (replicas.get(place)?.child === child) replicas.delete(place);
    });
    replicas.set(place, { child, url: `http://127.0.0.1:${port}`, frozen: false });
  }

  async function end(place: number, signal: NodeJS.Signals): Promise<number | null> {
    const replica = replicas.get(place);
    if (!replica) return null;
    replicas.delete(place);
    const { child } = replica;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, "exit");
    child.kill(signal);
    const timeout = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timeout);
    return child.exitCode;
  }

  await Promise.all(Array.from({ length: places }, (_, place) => start(place)));
  return {
    anyUrl: (random) => {
      const up = [...replicas.values()].filter(({ frozen }) => !frozen);
      return up.length === 0 ? null : random.pick(up).url;
    },
    start,
    kill: async (place) => void (await end(place, "SIGKILL")),
    stop: (place) => end(place, "SIGTERM"),
    freeze: (place) => {
      const replica = replicas.get(place);
      if (!replica) return;
      replica.frozen = true;
      replica.child.kill("SIGSTOP");
    },
    thaw: (place) => {
      const replica = replicas.get(place);
      if (!replica) return;
      replica.child.kill("SIGCONT");
      replica.frozen = false;
    },
    isUp: (place) => replicas.has(place),
    places,
    close: async () => {
      await Promise.all([...replicas.keys()].map((place) => end(place, "SIGKILL")));
    },
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  const ended = once(child, "exit").then(() => []);
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
  const [message]: { port?: number }[] = await Promise.race([
    once(child, "message", { signal: timeout }),
    ended,
  ]);
  if (message?.port === undefined) throw new Error("A gateway did not start.");
  return message.port;
}
