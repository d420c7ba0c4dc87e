import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";

export type ChildServer = {
  pid: number;
  stop(): Promise<void>;
  /** Its exit code; null if a signal ended it. */
  ended: Promise<number | null>;
};

export type ChildServerOptions = {
  args: string[];
  env: Record<string, string>;
  port: number;
  /** Requested until it answers with a status below 500. */
  readyPath: string;
  /** Receives what the server prints: a file, so that printing costs the measuring process nothing. */
  logFile: string;
};

const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 40_000;

/**
 * Starts a server in Node with only `env` in its environment, and waits until it answers.
 * @throws with the end of its log, if it does not start
 */
export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  const log = openSync(options.logFile, "a");
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, options.args, {
    env: { PATH, HOME, NODE_ENV: "production", ...options.env },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const stop = () => stopChild(child);
  if (child.pid === undefined || !(await isReady(child, options))) {
    await stop();
    const output = readFileSync(options.logFile, "utf8").trim().split("\n").slice(-15).join("\n");
    throw new Error(`${basename(options.logFile)}: the server did not start:\n${output}`);
  }
  return { pid: child.pid, stop, ended };
}

async function isReady(child: ChildProcess, { port, readyPath }: ChildServerOptions): Promise<boolean> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${readyPath}`, { redirect: "manual" });
      await answer.arrayBuffer();
      if (answer.status < 500) return true;
    } catch {
      // Not listening yet.
    }
    await new Promise((later) => setTimeout(later, 100));
  }
  return false;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const killTimer = setTimeout(() => child.kill("SIGKILL"), STOPS_WITHIN_MS);
  await ended;
  clearTimeout(killTimer);
}
