import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSealedWith, open, openWithAny, SealBroken, SealedWithAnotherKey, seal, sealHeader } from "./seal";

const key = randomBytes(32).toString("base64");

const place = { table: "providers", row: "1", column: "credentials" };

/** As version 2 sealed: a version byte, a nonce, the tag and the text. */
function sealedWithoutKeyId(text: string, encryptionKey: string): Buffer {
  const secret = Buffer.from(encryptionKey, "base64");
  const nonce = randomBytes(12);
  const sealingKey = Buffer.from(hkdfSync("sha256", secret, "", "tollgate seal v1", 32));
  const cipher = createCipheriv("aes-256-gcm", sealingKey, nonce);
  const bound = JSON.stringify([place.table, place.row, place.column]);
  cipher.setAAD(Buffer.concat([Buffer.of(2), Buffer.from(bound)]));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(2), nonce, cipher.getAuthTag(), body]);
}

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

  test("opens with the key before, too, and says if it was sealed with neither", () => {
    const [before, after] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
    const keys = { ENCRYPTION_KEY: after, ENCRYPTION_KEY_PREVIOUS: before };
    for (const each of [before, after]) {
      const sealed = seal("sk-secret", each, place);
      expect(openWithAny(sealed, keys, place)).toBe("sk-secret");
      expect(isSealedWith(sealed, each)).toBe(true);
      expect(isSealedWith(sealed, key)).toBe(false);
      expect(sealed.subarray(0, 9)).toEqual(sealHeader(each));
    }
    expect(() => openWithAny(seal("sk-secret", key, place), keys, place)).toThrow(SealedWithAnotherKey);
    const moved = seal("sk-secret", before, { ...place, row: "2" });
    expect(() => openWithAny(moved, keys, place)).toThrow(SealBroken);
    expect(() => openWithAny(moved, keys, place)).not.toThrow(SealedWithAnotherKey);
  });

  test("decrypts a secret from before the header named the key", () => {
    const sealed = sealedWithoutKeyId("sk-secret", key);
    expect(open(sealed, key, place)).toBe("sk-secret");
    const keys = { ENCRYPTION_KEY: randomBytes(32).toString("base64"), ENCRYPTION_KEY_PREVIOUS: key };
    expect(openWithAny(sealed, keys, place)).toBe("sk-secret");
    expect(isSealedWith(sealed, key)).toBe(false);
    expect(() => open(sealed, keys.ENCRYPTION_KEY, place)).toThrow(SealBroken);
  });

  test("does not decrypt a secret that is bound to no place, as earlier versions sealed", () => {
    const earlier = seal("sk-secret", key, place);
    earlier.writeUInt8(1, 0);
    expect(() => open(earlier, key, place)).toThrow(SealBroken);
  });
});
