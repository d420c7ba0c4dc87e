import { describe, expect, test } from "vitest";
import { ConfigError } from "#lib/config/environment";
import { StartUpError } from "#lib/config/start-up-error";
import { explainFailure } from "./explain-failure";

describe("a failed start says", () => {
  test("one line where a person can do something", () => {
    expect(explainFailure(new StartUpError("Port 1 is in use: use another."))).toBe(
      "Tollgate cannot start. Port 1 is in use: use another.",
    );
    expect(explainFailure(new ConfigError("PORT: must be a whole number"))).toBe(
      "Tollgate cannot start. In the environment, PORT: must be a whole number.",
    );
  });

  test("a line a variable where several are wrong", () => {
    expect(explainFailure(new ConfigError("PORT: bad\nHOST: bad"))).toBe(
      "Tollgate cannot start. In the environment:\n  PORT: bad\n  HOST: bad",
    );
  });

  test("where it happened when it is a fault of ours, and never a query's parameters", () => {
    const text = explainFailure(new Error("Failed query: insert\nparams: hunter2"));
    expect(text).toMatch(/unexpected reason: Failed query: insert\n\s+at .*explain-failure\.test/);
    expect(text).not.toContain("hunter2");
  });
});
