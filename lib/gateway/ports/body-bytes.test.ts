import fc from "fast-check";
import { expect, test } from "vitest";
import { type BodyCount, bodyBytes } from "./body-bytes";

const LIMITS = { callerBytes: 100, processBytes: 250 };
const CALLERS = ["a", "b", "c", "d"];

test("counts what has arrived and not ended, and never more than the limits", () => {
  const step = fc.record({
    request: fc.nat(9),
    bytes: fc.nat(60),
    ends: fc.boolean(),
    isNeeded: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bodies = bodyBytes(LIMITS);
      const open = new Map<number, { caller: string; count: BodyCount; bytes: number }>();
      const counted = (caller?: string) =>
        [...open.values()].reduce((sum, one) => (caller && one.caller !== caller ? sum : sum + one.bytes), 0);
      for (const { request, bytes, ends, isNeeded } of steps) {
        const caller = CALLERS[request % CALLERS.length] ?? "";
        const one = open.get(request) ?? { caller, count: bodies.open(caller), bytes: 0 };
        open.set(request, one);
        if (ends) {
          one.count.release();
          one.count.release();
          open.delete(request);
        } else if (!isNeeded) {
          const fits =
            counted(caller) + bytes <= LIMITS.callerBytes && counted() + bytes <= LIMITS.processBytes;
          expect(one.count.addIfFits(bytes)).toBe(fits);
          if (fits) one.bytes += bytes;
        } else if (counted(caller) + bytes > LIMITS.callerBytes) {
          expect(() => one.count.add(bytes)).toThrow(
            expect.objectContaining({ code: "concurrency_limit_exceeded" }),
          );
          one.bytes = 0;
        } else if (counted() + bytes > LIMITS.processBytes) {
          expect(() => one.count.add(bytes)).toThrow(
            expect.objectContaining({ code: "service_unavailable" }),
          );
          one.bytes = 0;
        } else {
          one.count.add(bytes);
          one.bytes += bytes;
        }
        expect(bodies.total()).toBe(counted());
      }
    }),
  );
});
