import type { RateLimiter, Taken } from "#lib/limits/limiter";
import { RateStoreUnavailable } from "#lib/limits/store";
import type { RateWindow, Take } from "#lib/limits/window";
import { type Cancellation, pause } from "#lib/providers/cancellation";
import type { Route } from "./routing";
import { type TargetName, targetKey } from "./target-key";

/** A request's place at a target. */
export type Place = {
  /** Leaves it. @param tokens that the request has used */
  leave: (tokens: number) => void;
};

/** A target has no place for a request. */
export type Full = { isFull: true; reason: string; waitMs: number };

/** Bounds what is sent to targets: what their providers allow us. */
export type TargetRooms = {
  /**
   * A place at a target, at once for one without limits; else as soon as there is one within `patienceMs`.
   * @param tokens that the request is likely to use
   */
  enter: (
    route: Pick<Route, "target" | "limits">,
    tokens: number,
    patienceMs: number,
    gone: Cancellation,
  ) => Place | Promise<Place | Full>;
  /** Why a target has no place for a request now, without taking one; null if it has. */
  whyFull: (route: Pick<Route, "target" | "limits">, tokens: number) => Promise<string | null>;
  /** How many requests of this process are at a target. */
  inside: (target: TargetName) => number;
};

/** Requests at one target, and those that wait for a place. */
type Room = { inside: number; waiting: (() => void)[] };

const MINUTE_S = 60;

/**
 * Creates the rooms of a process. Concurrency is bounded for each replica by its share; requests and tokens count in the
 * same store as callers' rate windows.
 */
export function targetRooms(
  limiter: Pick<RateLimiter, "take" | "peek">,
  replicas: () => Promise<number>,
): TargetRooms {
  const rooms = new Map<string, Room>();

  async function enterLimited(
    { target, limits }: Pick<Route, "target" | "limits">,
    tokens: number,
    patienceMs: number,
    gone: Cancellation,
  ): Promise<Place | Full> {
    const key = targetKey(target);
    const untilMs = performance.now() + patienceMs;
    const { maxConcurrent } = limits;
    if (maxConcurrent === null) roomOf(key).inside += 1;
    else if (!(await takePlace(key, maxConcurrent, untilMs, gone)))
      return { isFull: true, reason: CROWDED, waitMs: patienceMs };
    const taken = await takeWindows(windowsOf(key, limits, tokens), untilMs, gone);
    if ("isFull" in taken) {
      freePlace(key);
      return taken;
    }
    return {
      leave: (used) => {
        freePlace(key);
        void taken.correct(used);
      },
    };
  }

  async function takePlace(key: string, most: number, untilMs: number, gone: Cancellation): Promise<boolean> {
    const share = await shareOf(most);
    for (;;) {
      const room = roomOf(key);
      if (room.inside < share) {
        room.inside += 1;
        return true;
      }
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0 || gone.isCancelled()) return false;
      let wake = () => {};
      await pause(leftMs, gone, (resolve) => {
        wake = resolve;
        room.waiting.push(resolve);
      });
      room.waiting = room.waiting.filter((waiting) => waiting !== wake);
    }
  }

  const shareOf = async (most: number) => Math.max(1, Math.floor(most / (await replicas())));

  async function whyFull(
    { target, limits }: Pick<Route, "target" | "limits">,
    tokens: number,
  ): Promise<string | null> {
    const key = targetKey(target);
    const { maxConcurrent } = limits;
    const inside = rooms.get(key)?.inside ?? 0;
    if (maxConcurrent !== null && inside >= (await shareOf(maxConcurrent))) return CROWDED;
    const takes = windowsOf(key, limits, tokens);
    if (takes.length === 0) return null;
    const windows = takes.map(({ window }) => window);
    const states = await limiter.peek(windows, { allowLocal: true }).catch(nothingIfUnavailable);
    const full = states.find(
      ({ window, remaining }, at) => remaining < Math.min(takes[at]?.amount ?? 0, window.limit),
    );
    return full === undefined ? null : isSpent(full.window);
  }

  function roomOf(key: string): Room {
    const known = rooms.get(key);
    if (known !== undefined) return known;
    const room: Room = { inside: 0, waiting: [] };
    rooms.set(key, room);
    return room;
  }

  function freePlace(key: string): void {
    const room = rooms.get(key);
    if (room === undefined) return;
    room.inside -= 1;
    const next = room.waiting.shift();
    if (next !== undefined) next();
    else if (room.inside === 0) rooms.delete(key);
  }

  async function takeWindows(takes: readonly Take[], untilMs: number, gone: Cancellation) {
    if (takes.length === 0) return NOTHING_TAKEN;
    for (;;) {
      const taken = await limiter.take(takes, { allowLocal: true }).catch((error) => {
        // What a provider allows is its own to enforce.
        if (error instanceof RateStoreUnavailable) return NOTHING_TAKEN;
        throw error;
      });
      const full = taken.states.find(({ fits }) => !fits);
      if (full === undefined) return taken;
      const leftMs = untilMs - performance.now();
      if (full.waitMs > leftMs || gone.isCancelled()) {
        return { isFull: true, reason: isSpent(full.window), waitMs: full.waitMs } satisfies Full;
      }
      await pause(full.waitMs, gone);
    }
  }

  return {
    enter: (route, tokens, patienceMs, gone) => {
      const { maxConcurrent, requestsPerMinute, tokensPerMinute } = route.limits;
      if (maxConcurrent !== null || requestsPerMinute !== null || tokensPerMinute !== null)
        return enterLimited(route, tokens, patienceMs, gone);
      const key = targetKey(route.target);
      roomOf(key).inside += 1;
      return { leave: () => freePlace(key) };
    },
    whyFull,
    inside: (target) => rooms.get(targetKey(target))?.inside ?? 0,
  };
}

const CROWDED = "max_concurrent is reached";
const isSpent = ({ unit }: RateWindow): string => `${unit}_per_minute is reached`;

function nothingIfUnavailable(error: unknown): [] {
  if (error instanceof RateStoreUnavailable) return [];
  throw error;
}

const NOTHING_TAKEN: Taken = { states: [], correct: () => Promise.resolve([]) };

function windowsOf(
  key: string,
  { requestsPerMinute, tokensPerMinute }: Route["limits"],
  tokens: number,
): Take[] {
  const takes: Take[] = [];
  const add = (unit: "requests" | "tokens", limit: number | null, amount: number) => {
    if (limit === null) return;
    // The scope is for rejections of callers; targets have none.
    const window = {
      key: `{target ${key}}:${unit}`,
      scope: "organization",
      unit,
      limit,
      seconds: MINUTE_S,
    } as const;
    takes.push({ window, amount: Math.min(amount, limit) });
  };
  add("requests", requestsPerMinute, 1);
  add("tokens", tokensPerMinute, tokens);
  return takes;
}
