import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type InstantUpstream = {
  /** Ends in `/v1`, as a provider's base URL does. */
  url: string;
  port: number;
  pid: number;
  close(): Promise<void>;
};

/** Starts the provider of the bench in a separate process, which ends with its parent. */
export async function startInstantUpstream(): Promise<InstantUpstream> {
  const child = fork(fileURLToPath(new URL("./instant-upstream-main.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(() => []);
  const [port]: unknown[] = await Promise.race([once(child, "message"), ended]);
  if (typeof port !== "number" || child.pid === undefined) throw new Error("The upstream did not start.");
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    pid: child.pid,
    async close() {
      child.kill();
      await ended;
    },
  };
}
