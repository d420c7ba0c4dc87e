import { expect, test } from "vitest";
import { keyPrefix, newApiKey } from "#lib/auth/api-key";
import { shortenedKey } from "./shortened-key";

test("a pasted key becomes what lists show of it, and other texts stay", () => {
  const key = newApiKey("live");
  expect(shortenedKey(key)).toBe(keyPrefix(key));
  expect(shortenedKey(` "Bearer ${key}"`)).toBe(` "Bearer ${keyPrefix(key)}"`);
  for (const text of ["laptop", "tg_live_Ab3x", key.slice(0, 30)]) expect(shortenedKey(text)).toBe(text);
});
