import { describe, expect, test } from "vitest";
import { progressOn } from "./progress";

/** Start-up steps, and what they have printed. */
function recordedProgress(isTerminal = true) {
  let printed = "";
  const step = progressOn((text) => {
    printed += text;
  }, isTerminal);
  return { step, seen: () => printed };
}

describe("a start-up step", () => {
  test("prints its name before it runs and its time after", async () => {
    const { step, seen } = recordedProgress();
    const result = await step("Starting the database", async () => {
      expect(seen().trim()).toBe("Starting the database…");
      return 42;
    });
    expect(result).toBe(42);
    expect(seen()).toMatch(/^ {2}Starting the database… +0\.\d s\n$/);
  });

  test("prints that it failed, and leaves the reason to the caller", async () => {
    const { step, seen } = recordedProgress();
    await expect(step("Migrating", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(seen()).toMatch(/failed\n$/);
    expect(seen()).not.toContain("no\n");
  });

  test("leaves whole lines to a log that goes to the same file", async () => {
    const { step, seen } = recordedProgress(false);
    await step("Migrating", async () => expect(seen()).toBe("  Migrating…\n"));
    expect(seen()).toMatch(/^ {2}Migrating…\n {4}0\.\d s\n$/);
  });
});
