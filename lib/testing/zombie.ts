import { spawn } from "node:child_process";
import { once } from "node:events";

/** Starts a child that becomes a zombie shortly: its parent, a shell, never waits for it. */
export async function startZombie(): Promise<{ pid: number; end: () => Promise<void> }> {
  const parent = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 60"]);
  const [output] = await once(parent.stdout, "data");
  return {
    pid: Number(String(output).trim()),
    end: async () => {
      parent.kill("SIGKILL");
      await once(parent, "exit");
    },
  };
}
