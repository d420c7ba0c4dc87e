import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import { worldOfFile } from "#lib/services/testing/world";
import { createKey } from "./create-key";
import { createOrMoveKey } from "./create-or-move-key";
import { findKey } from "./find-key";
import { revokeKey } from "./revoke-key";
import { rotateKey } from "./rotate-key";

const world = await worldOfFile();
const as = world.as(world.admin);
const { key, id } = await createKey(as, { name: "ours", user_id: world.member.id });
const find = (value: string, actor = world.admin) => findKey(world.as(actor), { key: value });

describe("finding a key by its value", () => {
  test("answers with its row, to each who may see it, and never with the value", async () => {
    for (const actor of [world.admin, world.orgAdmin, world.viewer, world.member])
      expect(await find(key, actor)).toMatchObject({ id, name: "ours", status: "active" });
    expect(JSON.stringify(await find(` ${key}\n`))).not.toContain(key);
  });

  test("is not found for others, as for a value that no key has", async () => {
    const unknown = await find(newApiKey("live")).catch(String);
    expect(unknown).toContain("No API key that you can see has this value.");
    for (const actor of [world.other, world.orgAdminOfB, world.stray])
      expect(await find(key, actor).catch(String)).toBe(unknown);
  });

  test("finds keys that came by value or by digest, rotated ones by both values, and revoked ones", async () => {
    const owner = { organization_id: world.a.id };
    const imported = await createKey(as, { name: "moved", ...owner, key: "sk-of-another-gateway" });
    expect(await find("sk-of-another-gateway")).toMatchObject({ id: imported.id });
    const digest = await createOrMoveKey(as, {
      name: "digest",
      ...owner,
      key_sha256: hash("sha256", "sk-1"),
    });
    expect(await find("sk-1")).toMatchObject({ id: digest.id });
    const rotated = await rotateKey(as, { id: imported.id, grace_seconds: 60 });
    for (const value of ["sk-of-another-gateway", rotated.key])
      expect(await find(value)).toMatchObject({ id: imported.id });
    await revokeKey(as, { id: imported.id });
    expect(await find(rotated.key)).toMatchObject({ id: imported.id, status: "revoked" });
  });

  test("rejects what is no key without quoting it", async () => {
    const long = `sk-${"x".repeat(2000)}`;
    const said = await find(long).catch(String);
    expect(said).toContain("at most 1024");
    expect(said).not.toContain("xxx");
    expect(await find(" ").catch(String)).toContain("Give the key.");
  });
});
