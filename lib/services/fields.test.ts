import { describe, expect, test } from "vitest";
import { instantField, momentField } from "./fields";

describe.each([
  ["an instant", instantField],
  ["a moment", momentField],
])("%s", (_what, field) => {
  test.each(["1000-01-01T00:00:00Z", "2026-01-31T12:00:00+02:00", "9999-12-31T23:59:59.999Z"])(
    "may be %s",
    (text) => {
      expect(field.safeParse(text).success).toBe(true);
    },
  );

  test.each([
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00Z",
    "1000-01-01T00:00:00+14:00",
    "0000-06-01T00:00:00Z",
    "+275760-09-13T00:00:00Z",
    "+010000-01-01T00:00:00Z",
    "-000001-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
  ])("may not be %s, which PostgreSQL or JavaScript writes otherwise", (text) => {
    expect(field.safeParse(text).success).toBe(false);
  });
});
