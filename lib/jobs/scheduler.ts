import { log } from "#lib/observability/log";

export type Job = { name: string; everyMs: number; run: () => Promise<unknown> };

export type Scheduler = {
  /** Starts nothing more and waits for what runs. */
  stop(): Promise<void>;
};

/** Replicas that start together must not all work at the same moment: every wait is within a fifth of its length. */
const JITTER = 0.2;

/**
 * Runs each job again and again, `everyMs` after its last end, so that it never overlaps itself; the
 * first time at a random moment within `everyMs`. A job that fails is logged and runs again.
 */
export function startScheduler(jobs: readonly Job[], random: () => number = Math.random): Scheduler {
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let stopped = false;

  const schedule = (job: Job, waitMs: number) => {
    if (stopped) return;
    const timer = setTimeout(() => {
      const run = runOnce(job).finally(() => {
        running.delete(run);
        schedule(job, job.everyMs * (1 - JITTER / 2 + JITTER * random()));
      });
      running.add(run);
    }, waitMs);
    // Jobs alone do not keep a process alive.
    timer.unref();
    timers.set(job.name, timer);
  };
  for (const job of jobs) schedule(job, job.everyMs * random());

  return {
    stop: async () => {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}

async function runOnce(job: Job): Promise<void> {
  try {
    await job.run();
  } catch (error) {
    log.error({ job: job.name, err: error }, "a job failed");
  }
}
