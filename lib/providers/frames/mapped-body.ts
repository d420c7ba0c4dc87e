import { END_OF_BODY, iterator, type UpstreamBody } from "#lib/providers/upstream-body";
import { AnswerTooLarge } from "#lib/providers/upstream-error";

/** What becomes of a body's bytes. */
export type BodyMap = {
  /** What is known after a chunk; may be empty. */
  push: (chunk: Buffer) => Buffer;
  /** What follows the last chunk. */
  end: () => Buffer;
  /** What to say when nothing has come for a while. */
  idle: { afterMs: number; bytes: Buffer };
};

/** A body whose bytes are those of another, mapped as they arrive. A map that throws cuts the connection. */
export function mappedBody(body: UpstreamBody, { push, end, idle }: BodyMap): UpstreamBody {
  const source = body.chunks();
  let reading: Promise<IteratorResult<Buffer>> | null = null;
  let hasEnded = false;

  async function next(): Promise<IteratorResult<Buffer>> {
    while (!hasEnded) {
      reading ??= source.next();
      const step = await within(idle.afterMs, reading);
      if (step === null) return { done: false, value: idle.bytes };
      reading = null;
      hasEnded = step.done === true;
      const value = mapped(() => (step.done ? end() : push(step.value)));
      if (value.length > 0) return { done: false, value };
    }
    return END_OF_BODY;
  }

  function mapped(map: () => Buffer): Buffer {
    try {
      return map();
    } catch (error) {
      body.cut();
      throw error;
    }
  }

  async function whole(maxBytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for (let step = await next(); !step.done; step = await next()) {
      if (step.value === idle.bytes) continue;
      parts.push(step.value);
      bytes += step.value.length;
      if (bytes <= maxBytes) continue;
      body.cut();
      throw new AnswerTooLarge(`The provider's answer is larger than ${maxBytes} bytes`);
    }
    return Buffer.concat(parts);
  }

  return {
    chunks: () => iterator(next, body.cut),
    whole,
    cut: body.cut,
  };
}

/** What `reading` resolves with; null if that takes longer. */
function within<T>(timeoutMs: number, reading: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(resolve, timeoutMs, null);
    reading.then(resolve, reject).finally(() => clearTimeout(timeout));
  });
}
