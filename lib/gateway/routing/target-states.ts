import { LRUCache } from "lru-cache";
import type { Target } from "#lib/providers/wire";
import type { BreakerState } from "./breaker";
import type { Breakers } from "./breakers";
import type { TargetState } from "./order-question";
import { targetKey } from "./target-key";
import type { TargetRooms } from "./target-rooms";

/** What this process has seen of targets. */
export type TargetStates = {
  /** @param stream whole answers take longer until their first content, which is all of it */
  of: (target: Target, stream: boolean) => TargetState;
  /** The same without claiming a probe that is due. */
  seen: (target: Target, stream: boolean) => TargetState;
  noteFirstContent: (target: Target, stream: boolean, tookMs: number) => void;
  /** A target was stopped that had no content for so long: it takes longer than that. */
  noteWaited: (target: Target, stream: boolean, waitedMs: number) => void;
  /** Counts the turns of a model, from anywhere on, so that replicas do not begin with the same target. */
  nextTurn: (model: string) => number;
  /** What nextTurn will return, without counting. */
  turnAfter: (model: string) => number;
};

/** How much of the measure the latest answer is. */
const SHARE_OF_LATEST = 0.3;
/** What a target has not confirmed for so long counts half: one that was slow is tried again. */
const HALF_LIFE_MS = 5 * 60_000;
const MOST_KEPT = 10_000;

/** Creates the memory of a process. */
export function targetStates(
  breakers: Pick<Breakers, "stateOf" | "seenState">,
  rooms: Pick<TargetRooms, "inside">,
  nowMs: () => number = () => performance.now(),
): TargetStates {
  const kept = () => new LRUCache<string, Measured>({ max: MOST_KEPT });
  const measured = { stream: kept(), whole: kept() };
  const turns = new Map<string, number>();
  const firstTurn = Math.floor(Math.random() * MOST_KEPT);
  const turnAfter = (model: string): number => (turns.get(model) ?? firstTurn) + 1;
  const measuredOf = (stream: boolean) => (stream ? measured.stream : measured.whole);
  const firstContentOf = (target: Target, stream: boolean): number | null => {
    const found = measuredOf(stream).get(targetKey(target));
    return found === undefined ? null : fadedMs(found, nowMs());
  };
  function noteFirstContent(target: Target, stream: boolean, tookMs: number): void {
    const known = measuredOf(stream);
    const found = known.get(targetKey(target));
    const atMs = nowMs();
    if (found !== undefined) {
      const before = fadedMs(found, atMs);
      found.tookMs = before + (tookMs - before) * SHARE_OF_LATEST;
      found.atMs = atMs;
      return;
    }
    known.set(targetKey(target), { tookMs, atMs });
  }
  const stateWith = (breaker: BreakerState, target: Target, stream: boolean): TargetState => ({
    breaker,
    firstContentMs: firstContentOf(target, stream),
    inFlight: rooms.inside(target),
  });
  return {
    of: (target, stream) => stateWith(breakers.stateOf(target), target, stream),
    seen: (target, stream) => stateWith(breakers.seenState(target), target, stream),
    noteFirstContent,
    noteWaited: (target, stream, waitedMs) => {
      if (waitedMs > (firstContentOf(target, stream) ?? 0)) noteFirstContent(target, stream, waitedMs);
    },
    nextTurn: (model) => {
      const turn = turnAfter(model);
      turns.set(model, turn);
      return turn;
    },
    turnAfter,
  };
}

/** How long first contents took of late, and when that was said last. */
type Measured = { tookMs: number; atMs: number };

const fadedMs = ({ tookMs, atMs }: Measured, nowMs: number): number =>
  tookMs * 0.5 ** ((nowMs - atMs) / HALF_LIFE_MS);
