import "server-only";

export type Outcome<O> = { ok: true; value: O } | { ok: false; error: unknown };

export type GatherOptions<I, O> = {
  /** Carries out a batch; answers one outcome an item, in order. Never rejects. */
  run: (items: I[]) => Promise<Outcome<O>[]>;
  maxBatch: number;
  /** Calls under way at once, at most. */
  maxCalls: number;
  /** How long a call may take before those that wait for it leave without it. */
  patienceMs: number;
};

type Waiting<I, O> = { item: I; resolve: (value: O) => void; reject: (error: unknown) => void };

/**
 * Gathers concurrent calls into batches, as a database's group commit does: a call that finds nothing
 * under way leaves at once (nobody waits for company), and those that arrive meanwhile leave together.
 * One call at a time costs the database least; a slow one (a lock) is not waited for.
 */
export function gather<I, O>(options: GatherOptions<I, O>): (item: I) => Promise<O> {
  const { run, maxBatch, maxCalls, patienceMs } = options;
  const queue: Waiting<I, O>[] = [];
  let calls = 0;
  let impatience: NodeJS.Timeout | null = null;

  function losePatience(): void {
    impatience = null;
    if (queue.length === 0 || calls >= maxCalls) return;
    void leave();
    if (queue.length > 0) waitImpatiently();
  }

  function waitImpatiently(): void {
    impatience ??= setTimeout(losePatience, patienceMs);
  }

  async function leave(): Promise<void> {
    calls += 1;
    while (queue.length > 0) {
      const batch = queue.splice(0, maxBatch);
      const outcomes = await run(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, index) => {
        const outcome = outcomes[index];
        if (outcome?.ok) waiting.resolve(outcome.value);
        else
          waiting.reject(outcome ? outcome.error : new Error("the batch answered fewer outcomes than items"));
      });
    }
    calls -= 1;
    if (calls === 0 && impatience !== null) {
      clearTimeout(impatience);
      impatience = null;
    }
  }

  return (item) =>
    new Promise<O>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (calls === 0) void leave();
      else if (calls < maxCalls) waitImpatiently();
    });
}
