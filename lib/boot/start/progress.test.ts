import { describe, expect, test } from "vitest";
import { progressOn } from "./progress";

/** Start-up steps, and what they have printed. */
function recordedProgress() {
  let printed = "";
  const step = progressOn((text) => {
    printed += text;
  });
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
});
