import { expect } from "vitest";
import { cpuMs } from "./promptness";

const LARGE_CHARACTERS = 32_768;
const FACTOR = 4;
/** A microsecond for a character: as long as some honest work takes. */
const HARMLESS_MS = 33;
/** Five of them: a megabyte would hold up other requests for five seconds. */
const MOST_MS = 165;
/** Of four times as much; it is 16 for what grows with the square. */
const MOST_RATIO = 9;
const ROUNDS = 3;

/**
 * Expects that work takes processor time that grows with the size of what it is given, and little for each character.
 * What is quick anyway is run once.
 * @param what names it if it fails
 * @param workOf makes the work for so many characters; that is not measured
 * @param msOf measures it
 */
export async function expectLinear(
  what: string,
  workOf: (characters: number) => () => unknown,
  msOf: (work: () => unknown) => Promise<number> = cpuMs,
): Promise<void> {
  const large = workOf(LARGE_CHARACTERS);
  let largeMs = await msOf(large);
  if (largeMs < HARMLESS_MS) return;
  const small = workOf(LARGE_CHARACTERS / FACTOR);
  let smallMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    smallMs = Math.min(smallMs, await msOf(small));
    largeMs = Math.min(largeMs, await msOf(large));
  }
  if (largeMs < HARMLESS_MS) return;
  expect(largeMs, `${what}: milliseconds for ${LARGE_CHARACTERS} characters`).toBeLessThan(MOST_MS);
  expect(largeMs / smallMs, `${what}: times as much for ${FACTOR} times the size`).toBeLessThan(MOST_RATIO);
}
