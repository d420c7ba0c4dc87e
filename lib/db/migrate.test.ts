import { describe, expect, test } from "vitest";
import { connectionProblem, schemaProblem, serverVersionProblem } from "./migrate";

describe("what stops a start", () => {
  test("is a server before PostgreSQL 15", () => {
    expect(serverVersionProblem(140_012, "14.12")).toMatch(
      /is PostgreSQL 14\.12; Tollgate needs 15 or newer/,
    );
    expect(serverVersionProblem(90_624, "9.6.24")).toMatch(/9\.6\.24/);
    expect(serverVersionProblem(150_000, "15.0")).toBeUndefined();
    expect(serverVersionProblem(180_004, "18.4")).toBeUndefined();
  });

  test("is a schema newer than the code", () => {
    expect(schemaProblem([1, 2, 3], [1, 2])).toMatch(/newer Tollgate/);
  });

  test.each([
    ["older migrations", [1], [2, 3]],
    ["migrations of which one is newer", [1, 4], [2, 3]],
    ["a migration between ours", [1, 2, 3], [1, 3]],
  ])("is a schema that was created with %s", (_, applied, known) => {
    expect(schemaProblem(applied, known)).toMatch(/pre-release version .* new DATA_DIR or an empty database/);
  });

  test("is no older schema, and not the same one", () => {
    expect(schemaProblem([], [1, 2])).toBeUndefined();
    expect(schemaProblem([1], [1, 2])).toBeUndefined();
    expect(schemaProblem([1, 2], [1, 2])).toBeUndefined();
  });

  test("never shows a password", () => {
    expect(connectionProblem(new Error("boom"), "postgres://u:hunter2@db.example/x")).not.toContain(
      "hunter2",
    );
  });
});
