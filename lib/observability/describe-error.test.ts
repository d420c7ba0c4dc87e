import { describe, expect, test } from "vitest";
import { describeError } from "./describe-error";

describe("an error in the log", () => {
  test("has a type, a message, a place and a cause", () => {
    const cause = Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
    const described = describeError(new TypeError("it broke", { cause }));
    expect(described).toMatchObject({
      type: "TypeError",
      message: "it broke",
      cause: { type: "Error", message: "connection refused", code: "ECONNREFUSED" },
    });
    expect(described.at?.[0]).toContain("describe-error.test.ts");
  });

  test("contains no parameter of a failed query, neither in the message nor in the stack", () => {
    const failed = new Error("Failed query: select * from users where email = $1\nparams: eve@example.com");
    const text = JSON.stringify(describeError(failed));
    expect(text).toContain("select * from users");
    expect(text).not.toContain("eve@example.com");
  });

  test("may be any thrown value", () => {
    expect(describeError("only words")).toEqual({ type: "string", message: "only words" });
    expect(describeError(undefined)).toEqual({ type: "undefined", message: "undefined" });
  });

  test("is finite when errors are each other's cause", () => {
    const first = new Error("first");
    const second = new Error("second", { cause: first });
    first.cause = second;
    expect(JSON.stringify(describeError(first)).length).toBeLessThan(20_000);
  });
});
