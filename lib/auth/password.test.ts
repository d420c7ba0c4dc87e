import { describe, expect, test } from "vitest";
import { cpuRatio } from "#lib/testing/promptness";
import { hashPassword, verifyPassword } from "./password";

describe("passwords", () => {
  test("are stored as scrypt with parameters and a random salt, never in plain text", async () => {
    const [first, second] = await Promise.all([hashPassword("toll road 7"), hashPassword("toll road 7")]);
    expect(first).toMatch(/^scrypt\$32768\$8\$1\$[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}$/);
    expect(first).not.toBe(second);
    expect(first).not.toContain("toll");
  });

  test("match only themselves", async () => {
    const stored = await hashPassword("toll road 7");
    expect(await verifyPassword("toll road 7", stored)).toBe(true);
    expect(await verifyPassword("toll road 8", stored)).toBe(false);
    expect(await verifyPassword("", stored)).toBe(false);
  });

  test("match in any Unicode normalization", async () => {
    const stored = await hashPassword("Z\u00fcrich");
    expect(await verifyPassword("Zu\u0308rich", stored)).toBe(true);
  });

  test("do not match a missing or invalid hash", async () => {
    expect(await verifyPassword("", null)).toBe(false);
    for (const stored of [
      "",
      "plain",
      "scrypt$3$8$1$AAAA$AAAA",
      "scrypt$1048576$99$1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAA",
    ]) {
      expect(await verifyPassword("plain", stored)).toBe(false);
    }
  });

  test("take as long to reject for an unknown user as for a known one", async () => {
    const stored = await hashPassword("toll road 7");
    const rejects = (hash: string | null) => () => verifyPassword("a wrong one", hash);
    const ratio = await cpuRatio(rejects(null), rejects(stored), 3);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});
