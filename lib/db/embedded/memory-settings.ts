import { totalmem } from "node:os";

const MB = 1024 * 1024;

/** The memory that this process may use: the machine's, or less in a container. */
export function availableMemoryBytes(): number {
  const constrained = process.constrainedMemory();
  // Without a limit Node answers 0, or the largest number that a limit may have.
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/**
 * PostgreSQL's settings for a machine that it shares with the gateway. Its own defaults are for one with 512 MB: with
 * them, reports read from disk what would fit in memory.
 */
export function memorySettings(memoryBytes: number): Readonly<Record<string, string>> {
  const share = (divisor: number, leastMb: number, mostMb: number) =>
    shareMb(memoryBytes, divisor, leastMb, mostMb);
  return {
    shared_buffers: `${share(8, 128, 2048)}MB`,
    // What the planner may expect to find in memory, the system's cache included. Nothing is allocated.
    effective_cache_size: `${share(2, 256, 65_536)}MB`,
    // For each sort or hash table of a query: more would not fit into the 64 MB that Docker's /dev/shm has for parallel ones.
    work_mem: `${workMb(memoryBytes)}MB`,
    maintenance_work_mem: `${share(32, 64, 512)}MB`,
    // Requests in flight need the other cores, and starting processes takes longer than a report. (On a virtual machine with two
    // cores, the overview's took 70 ms in parallel and 30 ms so.)
    max_parallel_workers_per_gather: "0",
    // The default of 4 is for spinning disks. With it, the planner reads whole tables instead of a week's rows.
    random_page_cost: "1.1",
  };
}

/**
 * glibc's settings for PostgreSQL's processes (mallopt(3)), in its environment. Without them, a process gives the memory
 * of each report back and takes every page of it anew for the next: on a virtual machine whose pages are dear, a quarter
 * of a report's time. Each process keeps at most four times what one sort or hash table may take. Other C libraries
 * ignore them.
 */
export function allocatorSettings(memoryBytes: number): Readonly<Record<string, string>> {
  const keptBytes = 4 * workMb(memoryBytes) * MB;
  return {
    MALLOC_TRIM_THRESHOLD_: String(keptBytes),
    // What is larger is mapped, and given back, on its own. glibc takes no more than 32 MB.
    MALLOC_MMAP_THRESHOLD_: String(Math.min(keptBytes, 32 * MB)),
  };
}

const workMb = (memoryBytes: number) => shareMb(memoryBytes, 512, 4, 16);

const shareMb = (memoryBytes: number, divisor: number, leastMb: number, mostMb: number) =>
  Math.min(Math.max(Math.floor(memoryBytes / MB / divisor), leastMb), mostMb);
