import { expect, test } from "vitest";
import { keyPrefix, newApiKey } from "#lib/auth/api-key";
import { secretIn, shortenedKey } from "./shortened-key";

test("a pasted key becomes what lists show of it, and other texts stay", () => {
  const key = newApiKey("live");
  expect(shortenedKey(key)).toBe(keyPrefix(key));
  expect(shortenedKey(` "Bearer ${key}"`)).toBe(` "Bearer ${keyPrefix(key)}"`);
  for (const text of ["laptop", "tg_live_Ab3x", key.slice(0, 30)]) expect(shortenedKey(text)).toBe(text);
});

test("a pasted text is a secret if it has a key, or is as long and mixed as one", () => {
  const key = newApiKey("live");
  for (const text of [key, ` "Bearer ${key}" `]) expect(secretIn(text)).toBe(key);
  expect(secretIn("sk-proj-Abcdefgh1234567890\n")).toBe("sk-proj-Abcdefgh1234567890");
  for (const text of [
    "laptop",
    key.slice(0, 12),
    "checkout-service-production",
    "two words of 20 characters 1",
  ]) {
    expect(secretIn(text)).toBeNull();
  }
});
