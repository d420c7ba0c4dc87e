import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import { worldOfFile } from "#lib/services/testing/world";
import { adminTokenTable } from "./admin-token-table";

const world = await worldOfFile();

test("shows who created a token, its organization, and whether it has expired", async () => {
  const first = await createAdminToken(world.as(world.admin), { name: "house", role: "admin" });
  const byToken = { ...world.admin, kind: "token" as const, id: first.id };
  await createAdminToken(world.as(byToken), { name: "A's", role: "viewer", organization_id: world.a.id });
  await world.db.execute(sql`
    insert into admin_tokens (name, role, token_hash, token_prefix, created_by, expires_at)
    values ('old', 'admin', sha256('x'), 'tga_old', 'admin_api_key', now() - interval '1 day'),
      ('orphan', 'admin', sha256('y'), 'tga_orphan', gen_random_uuid(), null)`);
  const { data } = await adminTokenTable(world.as(world.admin), {});
  const shown = data.map(({ name, organization_name, created_by_name, expired }) => [
    name,
    organization_name,
    created_by_name,
    expired,
  ]);
  expect(shown.sort()).toEqual([
    ["A's", "A", "house", false],
    ["house", null, "admin", false],
    ["old", null, "ADMIN_API_KEY", true],
    ["orphan", null, null, false],
  ]);
});

test("is limited to administrators and org_admins", async () => {
  const { data } = await adminTokenTable(world.as(world.orgAdmin), {});
  expect(data.map(({ name }) => name)).toEqual(["A's"]);
  for (const actor of [world.member, world.viewer]) {
    await expect(adminTokenTable(world.as(actor), {})).rejects.toMatchObject({ code: "forbidden" });
  }
});
