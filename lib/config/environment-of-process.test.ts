import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { childEnvironment } from "./child-environment";
import { environmentOfProcess, logLevelOfProcess } from "./environment-of-process";
import { prepareEnvironment } from "./prepare-environment";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tollgate-env-"));
  // Stubbed, so that they are restored.
  for (const name of [
    "NODE_ENV",
    "PORT",
    "DATA_DIR",
    "ADMIN_EMAIL",
    "LOG_LEVEL",
    "NEXT_TELEMETRY_DISABLED",
  ]) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

describe("a process of ours", () => {
  test("runs in the given mode, whatever NODE_ENV is", () => {
    vi.stubEnv("NODE_ENV", "development");
    prepareEnvironment(root, false);
    expect(environmentOfProcess().NODE_ENV).toBe("production");
    prepareEnvironment(root, true);
    expect(environmentOfProcess().NODE_ENV).toBe("development");
  });

  test("reads .env.local before .env, and overrides no variable that is set", () => {
    vi.stubEnv("PORT", "4001");
    writeFileSync(join(root, ".env.local"), "PORT=4002\nDATA_DIR='from local'\n");
    writeFileSync(join(root, ".env"), "PORT=4003\nDATA_DIR=from-env\nADMIN_EMAIL=a@b.example # the boss\n");
    prepareEnvironment(root, false);
    expect(environmentOfProcess()).toMatchObject({
      PORT: 4001,
      DATA_DIR: "from local",
      ADMIN_EMAIL: "a@b.example",
    });
  });
});

describe("the log level", () => {
  test("is LOG_LEVEL, or info if that is wrong", () => {
    vi.stubEnv("LOG_LEVEL", "debug");
    expect(logLevelOfProcess()).toBe("debug");
    vi.stubEnv("LOG_LEVEL", "loud");
    expect(logLevelOfProcess()).toBe("info");
  });
});

describe("a child process", () => {
  test("gets PATH but none of our secrets", () => {
    vi.stubEnv("NEXTAUTH_SECRET", "hunter2");
    const environment = childEnvironment({ LC_ALL: "C" });
    expect(environment.LC_ALL).toBe("C");
    expect(environment.PATH).toBeTruthy();
    expect(JSON.stringify(environment)).not.toContain("hunter2");
  });
});
