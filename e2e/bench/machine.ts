import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

const TMPFS_MAGIC = 0x01021994;
const FLUSHES = 50;

/** Describes the machine in one line; `folder` contains PostgreSQL's data. */
export function machineLine(folder: string, postgresVersion: string | undefined): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? "unknown CPU";
  const parts = [`${model}, ${all.length} cores`, `Node ${process.versions.node}`];
  if (postgresVersion) {
    const disk = statfsSync(folder).type === TMPFS_MAGIC ? "in memory (tmpfs)" : "on disk";
    parts.push(
      `PostgreSQL ${postgresVersion}, fsync on, ${disk} (a flush takes ${flushMs(folder).toFixed(2)} ms)`,
    );
  }
  return parts.join("; ");
}

/** The median time to flush 4 KiB to disk, which every commit needs. */
function flushMs(folder: string): number {
  const path = join(folder, "flush-probe");
  const file = openSync(path, "w");
  const page = Buffer.alloc(4096, 1);
  const timesMs: number[] = [];
  for (let i = 0; i < FLUSHES; i++) {
    const before = performance.now();
    writeSync(file, page, 0, page.length, 0);
    fdatasyncSync(file);
    timesMs.push(performance.now() - before);
  }
  closeSync(file);
  rmSync(path);
  return timesMs.sort((a, b) => a - b)[FLUSHES >> 1] ?? Number.NaN;
}
