import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The state of a process on this machine. */
export type ProcessState = "running" | "zombie" | "gone";

/** Returns a process's state. A zombie accepts signals but is dead, which PostgreSQL does not notice. */
export function processState(pid: number): ProcessState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to another user.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return "gone";
  }
  const fields = procStat(pid);
  if (fields) return fields[0] === "Z" || fields[0] === "X" ? "zombie" : "running";
  return ps(pid, "stat").startsWith("Z") ? "zombie" : "running";
}

/** Returns the command line, or "" if it cannot be read. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return ps(pid, "command");
  }
}

/**
 * Distinguishes a process from a later one with the same pid: when it started, and in which boot of the machine. "" if the
 * system does not say.
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

/** The fields of /proc/<pid>/stat from the third on; the second, the name, may contain spaces and brackets. */
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
