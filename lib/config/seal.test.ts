import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { open, SealBroken, seal } from "./seal";

const key = randomBytes(32).toString("base64");

const place = { table: "providers", row: "1", column: "credentials" };

describe("seal", () => {
  test("decrypts what it encrypted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => open(seal(text, key, place), key, place) === text),
    );
  });

  test("never returns the same bytes twice, nor bytes that contain the secret", () => {
    const sealed = seal("sk-secret", key, place);
    expect(sealed.equals(seal("sk-secret", key, place))).toBe(false);
    expect(sealed.includes("sk-secret")).toBe(false);
  });

  test("does not decrypt under another key", () => {
    expect(() => open(seal("sk-secret", key, place), randomBytes(32).toString("base64"), place)).toThrow(
      SealBroken,
    );
  });

  test("does not decrypt when any byte was changed or cut off", () => {
    const sealed = seal("sk-secret", key, place);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => open(changed, key, place)).toThrow(SealBroken);
      expect(() => open(sealed.subarray(0, at), key, place)).toThrow(SealBroken);
    }
  });

  test("does not decrypt in another table, row or column", () => {
    const sealed = seal("sk-secret", key, place);
    const anyPlace = fc.record({ table: fc.string(), row: fc.string(), column: fc.string() });
    fc.assert(
      fc.property(anyPlace, anyPlace, (one, other) => {
        fc.pre(one.table !== other.table || one.row !== other.row || one.column !== other.column);
        expect(() => open(seal("sk-secret", key, one), key, other)).toThrow(SealBroken);
      }),
    );
    for (const other of [{ table: "apps" }, { row: "2" }, { column: "settings" }]) {
      expect(() => open(sealed, key, { ...place, ...other })).toThrow(SealBroken);
    }
  });

  test("does not decrypt a secret that is bound to no place, as earlier versions sealed", () => {
    const earlier = seal("sk-secret", key, place);
    earlier.writeUInt8(1, 0);
    expect(() => open(earlier, key, place)).toThrow(SealBroken);
  });
});
