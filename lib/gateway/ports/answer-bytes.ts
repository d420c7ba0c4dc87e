import { ApiError } from "#lib/http/api-error";
import type { Room } from "#lib/providers/upstream-body";
import type { BodyLimits } from "./body-bytes";

/** Counts the large whole answers in flight until clients have them, so that no client can fill the memory with them. */
export type AnswerBytes = {
  /** Begins to count the answer to one request. @param caller the id of its key or app */
  open: (caller: string) => AnswerCount;
  /** What is counted now. */
  total: () => number;
};

export type AnswerCount = Room & {
  /** Whether anything is counted. */
  isCounted: () => boolean;
  /** The answer has arrived, and waits for its client alone. */
  gathered: () => void;
  /** The client has it, or it is dropped. Repeating it does nothing. */
  release: () => void;
};

/** One answer. */
type Own = { bytes: number; isGathered: boolean; resume: (() => void) | null };
/** Those of a caller, the oldest first. */
type OfCaller = { bytes: number; gatheredBytes: number; gathering: Set<Own> };

/**
 * Creates the counts of a process. Beyond what a caller may have, its oldest answer alone is read on, and the others wait
 * in the network: each is paid for. Beyond what the process may have, an answer is given up.
 */
export function answerBytes({ callerBytes, processBytes }: BodyLimits): AnswerBytes {
  const byCaller = new Map<string, OfCaller>();
  let total = 0;

  function isFree({ bytes, gatheredBytes, gathering }: OfCaller, own: Own): boolean {
    if (bytes <= callerBytes) return true;
    const [oldest] = gathering;
    return oldest === own && gatheredBytes <= callerBytes;
  }

  function wake(all: OfCaller): void {
    for (const own of all.gathering) {
      if (own.resume === null || !isFree(all, own)) continue;
      const { resume } = own;
      own.resume = null;
      resume();
    }
  }

  function openFor(caller: string): AnswerCount {
    const own: Own = { bytes: 0, isGathered: false, resume: null };
    let all: OfCaller | null = null;
    return {
      take: (bytes) => {
        if (total + bytes > processBytes) return tooMuch();
        all ??= byCaller.get(caller) ?? { bytes: 0, gatheredBytes: 0, gathering: new Set() };
        byCaller.set(caller, all);
        all.gathering.add(own);
        all.bytes += bytes;
        own.bytes += bytes;
        total += bytes;
        return null;
      },
      isFree: (resume) => {
        if (all === null || isFree(all, own)) return true;
        own.resume = resume;
        return false;
      },
      isCounted: () => own.bytes > 0,
      gathered: () => {
        if (all === null || !all.gathering.delete(own)) return;
        own.isGathered = true;
        all.gatheredBytes += own.bytes;
        wake(all);
      },
      release: () => {
        if (all === null) return;
        const left = all;
        all = null;
        left.gathering.delete(own);
        left.bytes -= own.bytes;
        if (own.isGathered) left.gatheredBytes -= own.bytes;
        total -= own.bytes;
        own.bytes = 0;
        own.isGathered = false;
        if (left.bytes === 0) byCaller.delete(caller);
        wake(left);
      },
    };
  }

  return { open: openFor, total: () => total };
}

const tooMuch = () =>
  new ApiError("service_unavailable", "Too many large answers are in flight. Try again.", {
    headers: { "retry-after": "1" },
  });
