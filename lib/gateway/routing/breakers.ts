import { LRUCache } from "lru-cache";
import { type Breaker, type BreakerState, isFailing, newBreaker, noteOutcome } from "./breaker";
import { type TargetName, targetKey } from "./target-key";

/** What replicas share of their breakers (shared-breakers.ts). Each call rejects while the database is unavailable. */
export type SharedBreakers = {
  /** Says that a target is down, or that its probe failed. Resolves in how many milliseconds it may be probed. */
  markDown: (target: TargetName, reason: string) => Promise<number | null>;
  markUp: (target: TargetName) => Promise<void>;
  /** Resolves whether this process may send the probe. */
  claimProbe: (target: TargetName) => Promise<boolean>;
  /** The targets that are down. */
  read: () => Promise<readonly SharedDown[]>;
};

/** A target that a replica has found down. */
export type SharedDown = TargetName & { openedMsAgo: number; probeInMs: number };

/** What a request met with at a target. */
type Met = { organizationId: string; startedMs: number; isProbe: boolean };

/** The circuit breakers of a process, by target and credential. */
export type Breakers = {
  /** Claims a probe that is due: a later request has it. */
  stateOf: (target: TargetName) => BreakerState;
  /** The same without that. */
  seenState: (target: TargetName) => BreakerState;
  /** Takes the one probe of a target that is half-open; false if another request has it. */
  takeProbe: (target: TargetName) => boolean;
  /** The target has answered, if only that the request is wrong. */
  noteAnswer: (target: TargetName, met: Met) => void;
  /** The target has failed, whatever the request. */
  noteFailure: (target: TargetName, met: Met & { reason: string }) => void;
  /** Nothing is known of the target by this request, such as one whose client is gone. */
  noteNothing: (target: TargetName, met: Met) => void;
  /** The target asks to be left alone for a time. */
  cool: (target: TargetName, forMs: number) => void;
  /** Takes over what other replicas know, unless that was done less than `withinMs` ago. Never rejects. */
  sync: (withinMs?: number) => Promise<void>;
  /** Resolves when what this process has found out is in the database, or was given up. */
  idle: () => Promise<void>;
};

/** Without the database. */
const PROBE_ALONE_MS = 2_000;
/** How long a probe may take before another is sent, as for other replicas (tollgate_claim_probe_v1). */
const PROBE_MS = 15_000;
/** Another replica has the probe. */
const ASK_AGAIN_MS = 1_000;
const MOST_TARGETS = 5_000;

/**
 * Creates the breakers of a process. A request costs no call to the database: only a breaker that opens, closes or is
 * probed is written, and what others have written is read once in a while.
 * @param onError called if the database does not take or give it: then this process alone knows
 */
export function createBreakers(
  shared: SharedBreakers,
  onError: (error: unknown) => void,
  nowMs: () => number = () => performance.now(),
): Breakers {
  const breakers = new LRUCache<string, Breaker>({ max: MOST_TARGETS });
  /** What is being written, and how often: a read that began before it knows nothing of it. */
  const writing = new Map<string, number>();
  const open = new Set<Promise<void>>();
  let writes = 0;
  let syncedAtMs = Number.NEGATIVE_INFINITY;
  let syncing: Promise<void> | null = null;

  function breakerOf(target: TargetName): Breaker {
    const key = targetKey(target);
    const known = breakers.get(key);
    if (known !== undefined) return known;
    const breaker = newBreaker();
    breakers.set(key, breaker);
    return breaker;
  }

  function write(target: TargetName, work: () => Promise<void>): void {
    const key = targetKey(target);
    writes += 1;
    writing.set(key, (writing.get(key) ?? 0) + 1);
    const done = work()
      .catch(onError)
      .finally(() => {
        const left = (writing.get(key) ?? 1) - 1;
        if (left === 0) writing.delete(key);
        else writing.set(key, left);
        writes += 1;
        open.delete(done);
      });
    open.add(done);
  }

  function fall(breaker: Breaker, target: TargetName, reason: string): void {
    const now = nowMs();
    const down = {
      openedAtMs: breaker.down?.openedAtMs ?? now,
      probeAtMs: now + PROBE_ALONE_MS,
      probe: "none" as const,
    };
    breaker.down = down;
    write(target, async () => {
      const probeInMs = await shared.markDown(target, reason);
      if (probeInMs !== null) down.probeAtMs = nowMs() + probeInMs;
    });
  }

  function rise(breaker: Breaker): void {
    breaker.down = null;
    breaker.outcomes = [];
    breaker.next = 0;
  }

  function stateIn(breaker: Breaker | undefined): BreakerState {
    if (breaker === undefined) return "closed";
    const { down, coolUntilMs } = breaker;
    if (coolUntilMs > nowMs()) return "open";
    if (down === null) return "closed";
    return down.probe === "granted" ? "half_open" : "open";
  }

  function claim(down: NonNullable<Breaker["down"]>, target: TargetName): void {
    down.probe = "claiming";
    write(target, async () => {
      const isMine = await shared.claimProbe(target).catch((error: unknown) => {
        onError(error);
        return true;
      });
      down.probe = isMine ? "granted" : "none";
      if (!isMine) down.probeAtMs = nowMs() + ASK_AGAIN_MS;
    });
  }

  async function readShared(): Promise<void> {
    const writesBefore = writes;
    const rows = await shared.read();
    // What was written meanwhile may be missing: the next read has it.
    if (writes !== writesBefore || writing.size > 0) return;
    const now = nowMs();
    const downKeys = new Set(rows.map(targetKey));
    for (const row of rows) {
      const breaker = breakerOf(row);
      const probeAtMs = now + row.probeInMs;
      if (breaker.down === null)
        breaker.down = { openedAtMs: now - row.openedMsAgo, probeAtMs, probe: "none" };
      else if (breaker.down.probe === "none") breaker.down.probeAtMs = probeAtMs;
    }
    for (const [key, breaker] of breakers) if (breaker.down !== null && !downKeys.has(key)) rise(breaker);
  }

  return {
    stateOf: (target) => {
      const breaker = breakers.get(targetKey(target));
      const down = breaker?.down ?? null;
      const isHeld = down === null || down.probe === "granted" || down.probe === "claiming";
      if (!isHeld && nowMs() >= down.probeAtMs) claim(down, target);
      return stateIn(breaker);
    },
    seenState: (target) => stateIn(breakers.get(targetKey(target))),
    takeProbe: (target) => {
      const { down } = breakerOf(target);
      if (down?.probe !== "granted") return false;
      down.probe = "sent";
      down.probeAtMs = nowMs() + PROBE_MS;
      return true;
    },
    noteAnswer: (target, { organizationId, startedMs }) => {
      const breaker = breakerOf(target);
      noteOutcome(breaker, { isFailure: false, organizationId, atMs: nowMs() });
      // What began before may have had its answer before.
      if (breaker.down === null || startedMs < breaker.down.openedAtMs) return;
      rise(breaker);
      write(target, () => shared.markUp(target));
    },
    noteFailure: (target, { organizationId, reason, isProbe }) => {
      const breaker = breakerOf(target);
      noteOutcome(breaker, { isFailure: true, organizationId, atMs: nowMs() });
      const isDown = breaker.down !== null;
      if (isDown ? isProbe : isFailing(breaker, nowMs())) fall(breaker, target, reason);
    },
    noteNothing: (target, { isProbe }) => {
      const { down } = breakerOf(target);
      if (isProbe && down?.probe === "sent") down.probe = "granted";
    },
    cool: (target, forMs) => {
      const breaker = breakerOf(target);
      breaker.coolUntilMs = Math.max(breaker.coolUntilMs, nowMs() + forMs);
    },
    sync: (withinMs = 0) => {
      if (nowMs() - syncedAtMs < withinMs) return syncing ?? Promise.resolve();
      syncedAtMs = nowMs();
      syncing ??= readShared()
        .catch(onError)
        .finally(() => {
          syncing = null;
        });
      return syncing;
    },
    idle: async () => {
      while (open.size > 0 || syncing !== null) await Promise.all([...open, syncing]);
    },
  };
}
