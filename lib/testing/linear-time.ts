import { expect } from "vitest";
import { cpuMs } from "./promptness";

/** A microsecond for a character: as long as some honest work takes. */
const SMALL: Scale = { characters: 32_768, harmlessMs: 33 };
const FACTOR = 4;
/** Five microseconds for a character: a megabyte would hold up other requests for five seconds. */
const MOST_MS_PER_CHARACTER = 0.005;
/** Of four times as much; it is 16 for what grows with the square. */
const MOST_RATIO = 9;
/** A busy machine can spoil round after round; what grows with the square is never quick. */
const MOST_ROUNDS = 20;

/** How large the work is, and what of it is quick enough in any case. */
export type Scale = { characters: number; harmlessMs: number };

/**
 * Expects that work takes processor time that grows with the size of what it is given, and little for each character.
 * What is quick anyway is run once.
 * @param what names it if it fails
 * @param workOf makes the work for so many characters; that is not measured
 * @param msOf measures it
 * @param scale larger where what grows with the square begins small
 */
export async function expectLinear(
  what: string,
  workOf: (characters: number) => () => unknown,
  msOf: (work: () => unknown) => Promise<number> = cpuMs,
  { characters, harmlessMs }: Scale = SMALL,
): Promise<void> {
  const large = workOf(characters);
  let largeMs = await msOf(large);
  if (largeMs < harmlessMs) return;
  const small = workOf(characters / FACTOR);
  let smallMs = Number.POSITIVE_INFINITY;
  const mostMs = characters * MOST_MS_PER_CHARACTER;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    smallMs = Math.min(smallMs, await msOf(small));
    largeMs = Math.min(largeMs, await msOf(large));
    if (largeMs < harmlessMs) return;
    if (round >= 2 && largeMs < mostMs && largeMs / smallMs < MOST_RATIO) return;
  }
  expect(largeMs, `${what}: milliseconds for ${characters} characters`).toBeLessThan(mostMs);
  expect(largeMs / smallMs, `${what}: times as much for ${FACTOR} times the size`).toBeLessThan(MOST_RATIO);
}
