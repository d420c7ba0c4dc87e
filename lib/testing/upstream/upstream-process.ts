import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Bill, FakeUpstreamOptions, SeenRequest } from "./fake-upstream";

/** Messages from the parent, and the answers of the process. */
export type ToUpstream = { start: FakeUpstreamOptions } | { ask: "requests" | "bills" };
export type FromUpstream = { url: string } | { requests: SeenRequest[] } | { bills: [string, Bill][] };

export type FakeUpstreamProcess = {
  url: string;
  pid: number;
  /** A copy of the requests so far. */
  requests(): Promise<SeenRequest[]>;
  /** What a provider would bill so far, by request id. */
  bills(): Promise<Map<string, Bill>>;
  close(): Promise<void>;
};

/** Starts the fake upstream as a process, so that its CPU time is not counted as the caller's. It ends with its parent. */
export async function startFakeUpstreamProcess(
  options: FakeUpstreamOptions = {},
): Promise<FakeUpstreamProcess> {
  const child = fork(fileURLToPath(new URL("./main.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ask = async (message: ToUpstream): Promise<FromUpstream> => {
    child.send(message);
    const ended = once(child, "exit").then(() => []);
    const [answer]: FromUpstream[] = await Promise.race([once(child, "message"), ended]);
    if (!answer) throw new Error("the fake upstream's process has ended");
    return answer;
  };
  const started = await ask({ start: options });
  if (!("url" in started) || child.pid === undefined) throw new Error("the fake upstream did not start");
  return {
    url: started.url,
    pid: child.pid,
    async requests() {
      const answer = await ask({ ask: "requests" });
      return "requests" in answer ? answer.requests : [];
    },
    async bills() {
      const answer = await ask({ ask: "bills" });
      return new Map("bills" in answer ? answer.bills : []);
    },
    async close() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}
