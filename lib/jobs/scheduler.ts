import { log } from "#lib/observability/log";

export type Job = { name: string; everyMs: number; run: () => Promise<unknown> };

export type Scheduler = {
  /** Starts no more jobs and waits for running ones. */
  stop(): Promise<void>;
};

/** Varies each wait by up to 10 % either way, so that replicas started together do not run at the same time. */
const JITTER = 0.2;

/**
 * Runs each job `everyMs` after its last run ended, so that runs never overlap; first at a random time within
 * `everyMs`. A failed job is logged and runs again.
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
    // Jobs alone must not keep the process alive.
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
    log.error({ job: job.name, err: error }, "job failed");
  }
}
