/** Mulberry32: a short sequence of unsigned 32-bit numbers, the same for a seed on every platform. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Random numbers by the hash of a text. */
export const sequence = (seed: string): (() => number) => mulberry32(hashOf(seed));

const LONG_SEED_CHARACTERS = 256;

/** What stands for a text in several seeds, so that a long one is read once. */
export const shortSeed = (text: string): string =>
  text.length > LONG_SEED_CHARACTERS ? String(hashOf(text)) : text;

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
