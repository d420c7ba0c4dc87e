/** Resolves with what is left to do once the next job has started; never rejects. */
export type Job = () => Promise<() => void>;
/** Runs jobs one after the other. */
export type BatchGate = (job: Job) => void;

export type BatchGateOptions = {
  /** How many jobs may run at once when one is slow. */
  maxJobs: number;
  /** How long a job may take before the next one stops waiting for it. */
  patienceMs: number;
};

/** This long after the last job, no other call is expected at the same moment. */
const QUIET_MS = 0.5;

/**
 * Creates a gate that runs one job at a time, which costs the database least: calls that wait meanwhile share the next
 * batch, and nothing contends for the same counters. The gate does not wait for a slow job (a lock, a frozen connection).
 */
export function batchGate({ maxJobs, patienceMs }: BatchGateOptions): BatchGate {
  const waiting: Job[] = [];
  let running = 0;
  let isStartScheduled = false;
  let isTimerSet = false;
  let lastEndedAtMs = 0;

  /** In quiet times a lone job starts at once. */
  function startIfQuiet(): void {
    if (performance.now() - lastEndedAtMs > QUIET_MS) start();
    else scheduleStart();
  }

  /** In busy times a start waits for the rest of this event-loop turn, so that more calls share the batch. */
  function scheduleStart(): void {
    if (isStartScheduled) return;
    isStartScheduled = true;
    setImmediate(() => {
      isStartScheduled = false;
      if (running === 0) start();
      else startAfterPatience();
    });
  }

  function start(): void {
    const job = waiting.shift();
    if (!job) return;
    running += 1;
    void job().then((deliver) => {
      running -= 1;
      lastEndedAtMs = performance.now();
      // Start the next job before delivering these outcomes: the database works while this process does.
      if (running === 0) start();
      else if (waiting.length > 0) startAfterPatience();
      deliver();
    });
    if (waiting.length > 0) startAfterPatience();
  }

  function startAfterPatience(): void {
    if (isTimerSet) return;
    isTimerSet = true;
    setTimeout(() => {
      isTimerSet = false;
      if (waiting.length > 0 && running < maxJobs) start();
    }, patienceMs);
  }

  return (job) => {
    waiting.push(job);
    if (running > 0) startAfterPatience();
    else if (!isStartScheduled) startIfQuiet();
  };
}
