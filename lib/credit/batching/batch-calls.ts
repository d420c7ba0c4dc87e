import type { BatchGate } from "./batch-gate";

export type Outcome<O> = { ok: true; value: O } | { ok: false; error: unknown };

export type BatchCallsOptions<I, O> = {
  /** Runs a batch and returns one outcome per item, in order. Never rejects. */
  run: (items: I[]) => Promise<Outcome<O>[]>;
  maxBatch: number;
  /** Shared by all calls that contend for the same rows. */
  gate: BatchGate;
};

type Waiting<I, O> = { item: I; resolve: (value: O) => void; reject: (error: unknown) => void };

/**
 * Combines concurrent calls into batches, as a database's group commit does: a lone call starts at once, and those that
 * arrive while a batch runs share the next one.
 */
export function batchCalls<I, O>({ run, maxBatch, gate }: BatchCallsOptions<I, O>): (item: I) => Promise<O> {
  const queue: Waiting<I, O>[] = [];
  let isQueued = false;

  function enterGate(): void {
    if (isQueued) return;
    isQueued = true;
    gate(runNext);
  }

  async function runNext(): Promise<() => void> {
    isQueued = false;
    const batch = queue.splice(0, maxBatch);
    if (queue.length > 0) enterGate();
    const outcomes = await run(batch.map((waiting) => waiting.item));
    return () => deliver(batch, outcomes);
  }

  function deliver(batch: readonly Waiting<I, O>[], outcomes: readonly Outcome<O>[]): void {
    batch.forEach((waiting, index) => {
      const outcome = outcomes[index];
      if (outcome?.ok) waiting.resolve(outcome.value);
      else
        waiting.reject(outcome ? outcome.error : new Error("The batch returned fewer outcomes than items."));
    });
  }

  return (item) =>
    new Promise<O>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      enterGate();
    });
}
