import fc from "fast-check";
import { expect, test } from "vitest";
import { isoTime } from "./iso-time";

test("a time is written as toISOString does, whatever was written before", () => {
  const time = fc.integer({ min: 0, max: 253_402_300_799_999 });
  const near = fc.tuple(time, fc.integer({ min: -1500, max: 1500 }));
  fc.assert(
    fc.property(near, ([ms, later]) => {
      const other = Math.max(0, ms + later);
      expect([isoTime(ms), isoTime(other)]).toEqual([ms, other].map((each) => new Date(each).toISOString()));
    }),
  );
});
