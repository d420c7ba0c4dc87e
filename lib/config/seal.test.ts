import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { open, SealBroken, seal } from "./seal";

const key = randomBytes(32).toString("base64");

describe("seal", () => {
  test("decrypts what it encrypted", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => open(seal(text, key), key) === text));
  });

  test("never returns the same bytes twice, nor bytes that contain the secret", () => {
    const sealed = seal("sk-secret", key);
    expect(sealed.equals(seal("sk-secret", key))).toBe(false);
    expect(sealed.includes("sk-secret")).toBe(false);
  });

  test("does not decrypt under another key", () => {
    expect(() => open(seal("sk-secret", key), randomBytes(32).toString("base64"))).toThrow(SealBroken);
  });

  test("does not decrypt when any byte was changed or cut off", () => {
    const sealed = seal("sk-secret", key);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => open(changed, key)).toThrow(SealBroken);
      expect(() => open(sealed.subarray(0, at), key)).toThrow(SealBroken);
    }
  });
});
