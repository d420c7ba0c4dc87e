import { describe, expect, test } from "vitest";
import { isFailing, newBreaker, noteOutcome } from "./breaker";

/** What a target has done with requests, one every 100 ms: `x` failed for the organization x, `X` answered it. */
function isDownAfter(outcomes: string, everyMs = 100) {
  const breaker = newBreaker();
  let atMs = 0;
  for (const letter of outcomes) {
    atMs += everyMs;
    const organizationId = letter.toLowerCase();
    noteOutcome(breaker, { isFailure: letter === organizationId, organizationId, atMs });
  }
  return isFailing(breaker, atMs);
}

describe("a target is down", () => {
  test.each([
    ["after five failures in a row", "AAAAAAaaaaa"],
    ["after five failures in a row of different tenants", "ABABababa"],
    ["if every other request fails, for tenants that are answered, too", "AaBbAaBbAaBb"],
    ["if every other request fails, of the only tenant", "AaAaAaAaAaAa"],
  ])("%s", (_, outcomes) => {
    expect(isDownAfter(outcomes)).toBe(true);
  });
});

describe("a target is not down", () => {
  test.each([
    ["after four failures in a row", "AAAAAAaaaa"],
    ["if a third of all requests fail", "AAaBBbAAaBBbAAaBBb"],
    ["if it fails for one tenant alone, whatever that sends", `BCB${"b".repeat(100)}`.replaceAll("b", "a")],
    ["if it fails for one tenant most of the time, and answers others", "BaaaaaBaaaaaBaaaaa"],
    ["if it fails for one tenant, and another had one failure among its answers", "aaaaBbaaaaBBaaaaa"],
    ["if it fails for one tenant as often as it answers another, with one failure", "aaBbaaBBaaBB"],
  ])("%s", (_, outcomes) => {
    expect(isDownAfter(outcomes)).toBe(false);
  });

  test("for failures that are long ago", () => {
    expect(isDownAfter("aaaaaa", 10_000)).toBe(false);
  });
});

test("a tenant that it answered long ago is no proof that it answers", () => {
  const breaker = newBreaker();
  noteOutcome(breaker, { isFailure: false, organizationId: "b", atMs: 0 });
  for (let atMs = 40_000; atMs < 40_005; atMs++)
    noteOutcome(breaker, { isFailure: true, organizationId: "a", atMs });
  expect(isFailing(breaker, 40_005)).toBe(true);
});
