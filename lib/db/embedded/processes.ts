import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Other processes of this machine, as far as a stale pid file needs them judged. */
export type ProcessState = "running" | "zombie" | "gone";

/** A zombie answers signals but is dead: PostgreSQL would believe its pid file, we do not. */
export function processState(pid: number): ProcessState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return "gone";
  }
  const fields = procStat(pid);
  if (fields) return fields[0] === "Z" || fields[0] === "X" ? "zombie" : "running";
  return ps(pid, "stat").startsWith("Z") ? "zombie" : "running";
}

/** The command line, or "" where it cannot be read. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return ps(pid, "command");
  }
}

/**
 * Tells a process from a later one with the same number: when it started, and in which boot of the
 * machine. "" where the system does not say.
 */
export function processIdentity(pid: number): string {
  const started = procStat(pid)?.[19];
  if (started === undefined) return ps(pid, "lstart");
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${started}`;
  } catch {
    return started;
  }
}

/** Waits until the process is gone or a zombie; false when it still runs after `timeoutMs`. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (processState(pid) === "running") {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** The fields of /proc/<pid>/stat from the third on; the second, the name, may hold spaces and brackets. */
function procStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string {
  if (process.platform === "linux" || process.platform === "win32") return "";
  return spawnSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() ?? "";
}
