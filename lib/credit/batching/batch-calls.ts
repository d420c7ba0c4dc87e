export type Outcome<O> = { ok: true; value: O } | { ok: false; error: unknown };

/** Resolves with what is left to do once the next job is on its way; never rejects. */
export type Job = () => Promise<() => void>;
/** Lets jobs through one after the other. */
export type Turnstile = (job: Job) => void;

export type TurnstileOptions = {
  /** Jobs under way at once, at most. */
  maxJobs: number;
  /** How long a job may take before the next one no longer waits for it. */
  patienceMs: number;
};

/** So long after the last job, nobody else is expected at this very moment. */
const QUIET_MS = 0.5;

/**
 * Makes a turnstile. One job at a time costs the database least: what waits meanwhile leaves together,
 * and nothing contends for the same counters. A slow job (a lock, a frozen connection) is not waited for.
 */
export function turnstile({ maxJobs, patienceMs }: TurnstileOptions): Turnstile {
  const waiting: Job[] = [];
  let underWay = 0;
  let startScheduled = false;
  let impatient = false;
  let lastEndedAtMs = 0;

  /** In quiet times a lone job starts at once. */
  function startIfQuiet(): void {
    if (performance.now() - lastEndedAtMs > QUIET_MS) start();
    else scheduleStart();
  }

  /** In busy times a start waits until this turn of the event loop has brought all it has: more share the call. */
  function scheduleStart(): void {
    if (startScheduled) return;
    startScheduled = true;
    setImmediate(() => {
      startScheduled = false;
      if (underWay === 0) start();
      else waitImpatiently();
    });
  }

  function start(): void {
    const job = waiting.shift();
    if (!job) return;
    underWay += 1;
    void job().then((deliver) => {
      underWay -= 1;
      lastEndedAtMs = performance.now();
      // What has gathered leaves before anybody hears of this job's outcomes: the database works on the one while
      // this process works on the other.
      if (underWay === 0) start();
      else if (waiting.length > 0) waitImpatiently();
      deliver();
    });
    if (waiting.length > 0) waitImpatiently();
  }

  function waitImpatiently(): void {
    if (impatient) return;
    impatient = true;
    setTimeout(() => {
      impatient = false;
      if (waiting.length > 0 && underWay < maxJobs) start();
    }, patienceMs);
  }

  return (job) => {
    waiting.push(job);
    if (underWay > 0) waitImpatiently();
    else if (!startScheduled) startIfQuiet();
  };
}

export type GatherOptions<I, O> = {
  /** Carries out a batch; answers one outcome an item, in order. Never rejects. */
  run: (items: I[]) => Promise<Outcome<O>[]>;
  maxBatch: number;
  /** Shared by all that contend for the same rows. */
  turn: Turnstile;
};

type Waiting<I, O> = { item: I; resolve: (value: O) => void; reject: (error: unknown) => void };

/**
 * Gathers concurrent calls into batches, as a database's group commit does: a lone call leaves at once,
 * and those that arrive while others are under way leave together.
 */
export function gather<I, O>({ run, maxBatch, turn }: GatherOptions<I, O>): (item: I) => Promise<O> {
  const queue: Waiting<I, O>[] = [];
  let asked = false;

  function askForTurn(): void {
    if (asked) return;
    asked = true;
    turn(leave);
  }

  async function leave(): Promise<() => void> {
    asked = false;
    const batch = queue.splice(0, maxBatch);
    if (queue.length > 0) askForTurn();
    const outcomes = await run(batch.map((waiting) => waiting.item));
    return () => tell(batch, outcomes);
  }

  function tell(batch: readonly Waiting<I, O>[], outcomes: readonly Outcome<O>[]): void {
    batch.forEach((waiting, index) => {
      const outcome = outcomes[index];
      if (outcome?.ok) waiting.resolve(outcome.value);
      else
        waiting.reject(outcome ? outcome.error : new Error("the batch answered fewer outcomes than items"));
    });
  }

  return (item) =>
    new Promise<O>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      askForTurn();
    });
}
