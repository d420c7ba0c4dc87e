import { describe, expect, test } from "vitest";
import { progressOn } from "./progress";

describe("a step of the start", () => {
  test("is named before it runs, and timed after", async () => {
    let seen = "";
    const step = progressOn((text) => {
      seen += text;
    });
    const result = await step("Starting the database", async () => {
      expect(seen.trim()).toBe("Starting the database…");
      return 42;
    });
    expect(result).toBe(42);
    expect(seen).toMatch(/^ {2}Starting the database… +0\.\d s\n$/);
  });

  test("says that it failed, and why is told once, by the caller", async () => {
    let seen = "";
    const step = progressOn((text) => {
      seen += text;
    });
    await expect(step("Migrating", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(seen).toMatch(/failed\n$/);
    expect(seen).not.toContain("no\n");
  });
});
