import fc from "fast-check";

type Batches<T> = {
  /** How many bodies are sent in all, and how many at once. */
  bodies: number;
  atOnce: number;
  /** Sends a body; returns the status of its answer. */
  send: (body: T) => Promise<number>;
  /** Checks what a batch has done. */
  afterBatch?: () => Promise<void>;
};

/** Sends random bodies in batches; returns how many were answered with each status. */
export async function statusesOf<T>(
  body: fc.Arbitrary<T>,
  { bodies, atOnce, send, afterBatch }: Batches<T>,
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const batch = fc.array(body, { minLength: atOnce, maxLength: atOnce });
  const property = fc.asyncProperty(batch, async (sent) => {
    for (const status of await Promise.all(sent.map(send))) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    await afterBatch?.();
  });
  // The body that broke it is in the message; the whole batch need not be made smaller.
  await fc.assert(property, { numRuns: bodies / atOnce, endOnFailure: true });
  return statuses;
}
