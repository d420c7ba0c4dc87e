import { describe, expect, test } from "vitest";
import { ConfigError } from "#lib/config/environment";
import { StartUpError } from "#lib/config/start-up-error";
import { explainFailure } from "./explain-failure";

describe("a failed start prints", () => {
  test("one line for a problem the operator can fix", () => {
    expect(explainFailure(new StartUpError("Port 1 is in use: use another."))).toBe(
      "Tollgate cannot start. Port 1 is in use: use another.",
    );
    expect(explainFailure(new ConfigError("PORT: must be a whole number"))).toBe(
      "Tollgate cannot start. In the environment, PORT: must be a whole number.",
    );
  });

  test("one line for each wrong variable", () => {
    expect(explainFailure(new ConfigError("PORT: bad\nHOST: bad"))).toBe(
      "Tollgate cannot start. In the environment:\n  PORT: bad\n  HOST: bad",
    );
  });

  test("a stack trace for a bug, without the parameters of a query", () => {
    const text = explainFailure(new Error("Failed query: insert\nparams: hunter2"));
    expect(text).toMatch(/unexpected error: Failed query: insert\n\s+at .*explain-failure\.test/);
    expect(text).not.toContain("hunter2");
  });
});
