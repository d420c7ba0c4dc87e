import { describe, expect, test } from "vitest";
import { sessionToken } from "./session-options";

const SIGNED_IN_MS = Date.UTC(2026, 10, 21, 8);
const HOUR_MS = 3_600_000;
const user = { id: "7", name: "Ada", email: "ada@example.com" };

describe("a session's cookie", () => {
  test("has the session's id, and nothing else", () => {
    expect(sessionToken({ name: "Ada", email: "ada@example.com" }, user, SIGNED_IN_MS)).toEqual({
      sub: "7",
      until: SIGNED_IN_MS + 12 * HOUR_MS,
    });
  });

  test("is empty after twelve hours, however often it was renewed", () => {
    let token = sessionToken({}, user, SIGNED_IN_MS);
    for (let hour = 1; hour < 12; hour++) {
      token = sessionToken(token, undefined, SIGNED_IN_MS + hour * HOUR_MS);
      expect(token).toMatchObject({ sub: "7" });
    }
    expect(sessionToken(token, undefined, SIGNED_IN_MS + 12 * HOUR_MS)).toEqual({});
  });

  test("is empty without an end", () => {
    expect(sessionToken({ sub: "7" }, undefined, SIGNED_IN_MS)).toEqual({});
  });
});
