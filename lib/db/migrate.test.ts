import { describe, expect, test } from "vitest";
import { connectionProblem, schemaVersionProblem, serverVersionProblem } from "./migrate";

describe("what stops a start", () => {
  test("is a server before PostgreSQL 15", () => {
    expect(serverVersionProblem(140_012, "14.12")).toMatch(
      /is PostgreSQL 14\.12; Tollgate needs 15 or newer/,
    );
    expect(serverVersionProblem(90_624, "9.6.24")).toMatch(/9\.6\.24/);
    expect(serverVersionProblem(150_000, "15.0")).toBeUndefined();
    expect(serverVersionProblem(180_004, "18.4")).toBeUndefined();
  });

  test("is a schema newer than the code, not an older or the same one", () => {
    expect(schemaVersionProblem(2, 1)).toMatch(/newer Tollgate/);
    expect(schemaVersionProblem(1, 1)).toBeUndefined();
    expect(schemaVersionProblem(0, 1)).toBeUndefined();
  });

  test("is never told with a password in it", () => {
    expect(connectionProblem(new Error("boom"), "postgres://u:hunter2@db.example/x")).not.toContain(
      "hunter2",
    );
  });
});
