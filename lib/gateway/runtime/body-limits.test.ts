import { expect, test } from "vitest";
import { bodyLimits } from "./body-limits";

const MB = 1024 * 1024;

test.each([
  // [memory, largest body, of a caller, of the process]
  [4_096, 32, 128, 512],
  [16_384, 32, 128, 2_048],
  [1_024, 32, 64, 128],
  [256, 32, 32, 64],
  [4_096, 1, 4, 512],
])(
  "with %i MB of memory and bodies up to %i MB, a caller has %i MB and the process %i MB",
  (memory, body, ofCaller, ofProcess) => {
    expect(bodyLimits(body * MB, memory * MB)).toEqual({
      callerBytes: ofCaller * MB,
      processBytes: ofProcess * MB,
    });
  },
);

test("any body that is allowed fits, and the process has room for two callers", () => {
  const { callerBytes, processBytes } = bodyLimits(32 * MB);
  expect(callerBytes).toBeGreaterThanOrEqual(32 * MB);
  expect(processBytes).toBeGreaterThanOrEqual(2 * callerBytes);
});
