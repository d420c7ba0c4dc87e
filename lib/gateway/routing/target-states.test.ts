import { expect, test } from "vitest";
import { testTarget } from "#lib/providers/testing/target";
import { targetStates } from "./target-states";

const HEALTHY = { stateOf: () => "closed" as const, seenState: () => "closed" as const };
const EMPTY = { inside: () => 0 };

const [a, b] = [testTarget({ upstreamModel: "a" }), testTarget({ upstreamModel: "b" })];

test("recent answers count most, and streams are measured apart from whole answers", () => {
  const states = targetStates(HEALTHY, EMPTY, () => 0);
  expect(states.of(a, true).firstContentMs).toBeNull();
  states.noteFirstContent(a, true, 1_000);
  expect(states.of(a, true).firstContentMs).toBe(1_000);
  states.noteFirstContent(a, true, 0);
  expect(states.of(a, true).firstContentMs).toBe(700);
  for (let answer = 0; answer < 20; answer++) states.noteFirstContent(a, true, 100);
  expect(states.of(a, true).firstContentMs).toBeCloseTo(100, 0);
  expect(states.of(a, false).firstContentMs).toBeNull();
  expect(states.of(b, true).firstContentMs).toBeNull();
});

test("a target that was stopped takes longer than that, and no less", () => {
  const states = targetStates(HEALTHY, EMPTY, () => 0);
  states.noteWaited(a, true, 1_000);
  expect(states.of(a, true).firstContentMs).toBe(1_000);
  states.noteWaited(a, true, 500);
  expect(states.of(a, true).firstContentMs).toBe(1_000);
  states.noteWaited(a, true, 2_000);
  expect(states.of(a, true).firstContentMs).toBe(1_300);
});

test("a slow target that was not asked for long is tried again", () => {
  let nowMs = 0;
  const states = targetStates(HEALTHY, EMPTY, () => nowMs);
  states.noteFirstContent(a, true, 2_000);
  nowMs = 15 * 60_000;
  states.noteFirstContent(b, true, 300);
  expect(states.of(a, true).firstContentMs).toBe(250);
});

test("turns count up for each model", () => {
  const states = targetStates(HEALTHY, EMPTY);
  const [first, second] = [states.nextTurn("m"), states.nextTurn("m")];
  states.nextTurn("other");
  expect([second - first, states.nextTurn("m") - second]).toEqual([1, 1]);
});
