import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The kernel counts CPU time in these ticks (USER_HZ) in /proc, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * Returns the CPU milliseconds that each process and all its descendants, including ended ones, have used since their
 * start. Zero without a process or without /proc.
 */
export function cpuTimesMs(rootPids: readonly (number | undefined)[]): number[] {
  const processes = readProcesses();
  return rootPids.map((pid) => cpuTimeMs(processes, pid));
}

function cpuTimeMs(processes: readonly Process[], rootPid: number | undefined): number {
  let ticks = 0;
  const tree = processes.filter((process) => process.pid === rootPid);
  // The list grows during the loop: each process adds its children.
  for (const parent of tree) {
    ticks += parent.ticks;
    tree.push(...processes.filter((process) => process.parentPid === parent.pid));
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}

type Process = { pid: number; parentPid: number; ticks: number };

function readProcesses(): Process[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((process) => process !== undefined);
}

function readStat(pid: number): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The program's name in parentheses may contain anything; the fields after it are plain.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [parentPid, ...times] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
    // utime, stime, and the same of children that have ended and were waited for.
    return { pid, parentPid: parentPid ?? 0, ticks: times.reduce((sum, time) => sum + time, 0) };
  } catch {
    return undefined;
  }
}
