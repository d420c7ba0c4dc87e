import { LRUCache } from "lru-cache";

/** Where conversations are: at the target and credential that answered last, which has their prompts in its cache. */
export type Conversations = {
  /** The key of the target (target-key.ts); null if that is not known. */
  at: (conversation: string) => string | null;
  note: (conversation: string, targetKey: string) => void;
};

/** No prompt stays in a provider's cache for longer. */
const KEPT_MS = 60 * 60_000;
const MOST_KEPT = 50_000;
/** What was noted more recently keeps its place and its time: moving it with each request would cost more. */
const MOVED_AFTER_MS = 60_000;

/** Creates the memory of a process. */
export function conversations(nowMs: () => number = () => performance.now()): Conversations {
  // Not a plain map: to find the oldest of so many in it costs V8 0.1 ms once it is full.
  const known = new LRUCache<string, { targetKey: string; untilMs: number }>({ max: MOST_KEPT });
  return {
    at: (conversation) => {
      const found = known.get(conversation);
      return found !== undefined && found.untilMs > nowMs() ? found.targetKey : null;
    },
    note: (conversation, targetKey) => {
      const untilMs = nowMs() + KEPT_MS;
      const found = known.get(conversation);
      if (found !== undefined && untilMs - found.untilMs < MOVED_AFTER_MS) {
        found.targetKey = targetKey;
        return;
      }
      known.set(conversation, { targetKey, untilMs });
    },
  };
}
