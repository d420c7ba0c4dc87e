import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { observedPace, type PaceSample } from "./observed-pace";

const target = { providerName: "p", upstreamModel: "m" };
const at = (tokensPerSecond: number): PaceSample => ({ outputTokens: tokensPerSecond, latencyMs: 1_000 });
const fresh = () =>
  observedPace(
    async () => [],
    () => {},
  );

describe("the observed pace", () => {
  test("is unknown before the first answer", () => {
    expect(fresh().tokensPerSecond(target)).toBe(0);
  });

  test("is what 99 of 100 answers do not exceed", () => {
    const pace = fresh();
    for (let answer = 1; answer <= 200; answer++) pace.note(target, at(100 + answer));
    expect(pace.tokensPerSecond(target)).toBe(298);
    pace.note(target, at(5_000));
    pace.note(target, at(5_000));
    pace.note(target, at(5_000));
    expect(pace.tokensPerSecond(target)).toBe(5_000);
  });

  test("is what sorting them gives", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 16, max: 3_000 }), { maxLength: 511 }), (paces) => {
        const pace = fresh();
        for (const tokens of paces) pace.note(target, at(tokens));
        const sorted = paces.toSorted((one, other) => one - other);
        expect(pace.tokensPerSecond(target)).toBe(sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0);
      }),
    );
  });

  test("is each target's own", () => {
    const pace = fresh();
    pace.note(target, at(300));
    expect(pace.tokensPerSecond({ ...target, providerName: "q" })).toBe(0);
    expect(pace.tokensPerSecond({ ...target, upstreamModel: "n" })).toBe(0);
  });

  test("is not lowered by many slow answers, for a day", () => {
    let nowMs = 0;
    const pace = observedPace(
      async () => [],
      () => {},
      () => nowMs,
    );
    for (let answer = 0; answer < 20; answer++) pace.note(target, at(900));
    for (let answer = 0; answer < 5_000; answer++) pace.note(target, at(20));
    expect(pace.tokensPerSecond(target)).toBe(900);
    nowMs = 23 * 3_600_000;
    expect(pace.tokensPerSecond(target)).toBe(900);
    nowMs = 25 * 3_600_000;
    expect(pace.tokensPerSecond(target)).toBe(20);
  });

  test("remembers the fastest of many windows", () => {
    const pace = fresh();
    for (let answer = 0; answer < 512; answer++) pace.note(target, at(700));
    for (let answer = 0; answer < 100 * 512; answer++) pace.note(target, at(50));
    expect(pace.tokensPerSecond(target)).toBe(700);
  });

  test("ignores answers of a few tokens", () => {
    const pace = fresh();
    pace.note(target, { outputTokens: 3, latencyMs: 1 });
    expect(pace.tokensPerSecond(target)).toBe(0);
  });

  test("begins with what the ledger has, read once and not waited for", async () => {
    let readings = 0;
    const pace = observedPace(
      async () => {
        readings += 1;
        return [at(250)];
      },
      () => {},
    );
    pace.watch(target);
    expect(pace.tokensPerSecond(target)).toBe(0);
    await sleep(1);
    expect(pace.tokensPerSecond(target)).toBe(250);
    pace.watch(target);
    pace.note(target, at(100));
    expect(pace.tokensPerSecond(target)).toBe(250);
    expect(readings).toBe(1);
  });

  test("goes on without a history that cannot be read", async () => {
    const errors: unknown[] = [];
    const pace = observedPace(
      () => Promise.reject(new Error("away")),
      (error) => errors.push(error),
    );
    pace.note(target, at(150));
    await sleep(1);
    expect(pace.tokensPerSecond(target)).toBe(150);
    expect(errors).toHaveLength(1);
  });
});
