import fc from "fast-check";

/** All ways to split bytes into parts, for tests of readers. */
export const splitsOf = (bytes: Buffer): fc.Arbitrary<Buffer[]> =>
  fc.array(fc.nat(bytes.length)).map((cuts) => {
    const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
    return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
  });
