import { describe, expect, test } from "vitest";
import { createKey } from "#lib/services/keys/create-key";
import { getKey } from "#lib/services/keys/get-key";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { bulkUpdateUsers } from "./bulk-update-users";
import { getUser } from "./get-user";
import { newUser } from "./testing/users";

const world = await worldOfFile();
const admin = world.as(world.admin);
const orgAdmin = world.as(world.orgAdmin);
const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const until = async (id: string) => (await getUser(admin, { id })).payment_valid_until;

describe("changing many users", () => {
  test("extends payments from their date, or from today if that has passed, and keeps those without one", async () => {
    const later = await newUser(world, { payment_valid_until: day(10) });
    const passed = await newUser(world, { payment_valid_until: day(-40) });
    const none = await newUser(world);
    const ids = [later.id, passed.id, none.id];
    expect(await bulkUpdateUsers(orgAdmin, { ids, set: { extend_days: 30 } })).toEqual({
      matched: 3,
      changed: 2,
    });
    expect(await Promise.all(ids.map(until))).toEqual([day(40), day(30), null]);
    const rows = (await world.auditOf(later.id)).filter(({ action }) => action === "user.update");
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ after: { payment_valid_until: day(40) } });
  });

  test("sets dates, budgets and roles of those that a filter names, and counts who was different", async () => {
    const metadata = { bulk: "set" };
    const [first, second] = [await newUser(world, { metadata }), await newUser(world, { metadata })];
    const set = {
      payment_valid_until: day(5),
      budget: { limit_usd: "7", period: "week" as const },
      role: "viewer" as const,
    };
    const change = () => bulkUpdateUsers(orgAdmin, { filter: { metadata }, set });
    expect(await change()).toEqual({ matched: 2, changed: 2 });
    for (const { id } of [first, second]) {
      expect(await getUser(admin, { id })).toMatchObject({
        role: "viewer",
        payment_valid_until: day(5),
        budget: { limit_usd: "7", period: "week" },
      });
    }
    expect(await change()).toEqual({ matched: 2, changed: 0 });
    expect(await bulkUpdateUsers(orgAdmin, { filter: { metadata }, set: { budget: null } })).toEqual({
      matched: 2,
      changed: 2,
    });
  });

  test("changes all or none, and names the user who cannot be changed", async () => {
    const user = await newUser(world, { payment_valid_until: day(1) });
    const above = await newUser(world, { role: "admin", name: "Above", payment_valid_until: day(1) });
    const change = bulkUpdateUsers(orgAdmin, { ids: [user.id, above.id], set: { extend_days: 1 } });
    await expect(change).rejects.toMatchObject({
      code: "forbidden",
      message: "Above: Only administrators may change an administrator.",
    });
    expect(await until(user.id)).toBe(day(1));
  });

  test("revokes the keys of users, and counts those who had any", async () => {
    const [user, other] = [await newUser(world), await newUser(world)];
    const key = await createKey(orgAdmin, { name: "to revoke", user_id: user.id });
    const change = () => bulkUpdateUsers(orgAdmin, { ids: [user.id, other.id], set: { revoke_keys: true } });
    expect(await change()).toEqual({ matched: 2, changed: 1 });
    expect(await getKey(admin, { id: key.id })).toMatchObject({ status: "revoked" });
    expect((await world.auditOf(key.id)).map(({ action }) => action)).toContain("api_key.revoke");
    expect(await change()).toEqual({ matched: 2, changed: 0 });
  });

  test("says what would change in a dry run, and changes nothing", async () => {
    const user = await newUser(world, { name: "Dry", payment_valid_until: day(2) });
    const key = await createKey(orgAdmin, { name: "kept", user_id: user.id });
    const none = await newUser(world, { payment_valid_until: null });
    const input = { ids: [user.id, none.id], set: { extend_days: 7 }, dry_run: true };
    const budget = { budget: null, role: "member", payment_status: "active" };
    expect(await bulkUpdateUsers(orgAdmin, input)).toEqual({
      matched: 2,
      changed: 1,
      changes: [
        {
          id: user.id,
          name: "Dry",
          before: { ...budget, payment_valid_until: day(2) },
          after: { ...budget, payment_valid_until: day(9) },
          revoked_keys: 0,
        },
      ],
    });
    expect(await until(user.id)).toBe(day(2));
    const revoking = await bulkUpdateUsers(orgAdmin, { ...input, set: { revoke_keys: true } });
    expect(revoking.changes).toMatchObject([{ id: user.id, revoked_keys: 1 }]);
    expect(await getKey(admin, { id: key.id })).toMatchObject({ status: "active" });
    expect((await world.auditOf(user.id)).map(({ action }) => action)).not.toContain("user.update");
  });

  test("reaches only users that the actor sees", async () => {
    const theirs = await newUser(world, { organization_id: world.b.id, payment_valid_until: day(1) });
    for (const id of [theirs.id, UNKNOWN_ID]) {
      const change = bulkUpdateUsers(orgAdmin, { ids: [id], set: { extend_days: 1 } });
      await expect(change).rejects.toMatchObject({ code: "not_found" });
    }
    const filter = { organization_id: world.b.id };
    expect(await bulkUpdateUsers(orgAdmin, { filter, set: { extend_days: 1 } })).toEqual({
      matched: 0,
      changed: 0,
    });
    expect(await until(theirs.id)).toBe(day(1));
    for (const actor of [world.member, world.viewer]) {
      await expectForbidden(() =>
        bulkUpdateUsers(world.as(actor), { ids: [theirs.id], set: { extend_days: 1 } }),
      );
    }
  });

  test("says what is wrong with the input", async () => {
    const ids = [UNKNOWN_ID];
    const wrong: [input: Parameters<typeof bulkUpdateUsers>[1], message: string][] = [
      [{ ids, filter: {}, set: { extend_days: 1 } }, "Give ids or a filter, and not both."],
      [{ set: { extend_days: 1 } }, "Give ids or a filter, and not both."],
      [{ ids, set: {} }, "Set at least one field."],
      [
        { ids, set: { extend_days: 1, payment_valid_until: null } },
        "Set payment_valid_until or extend_days, not both.",
      ],
    ];
    for (const [input, message] of wrong) {
      await expect(bulkUpdateUsers(admin, input)).rejects.toMatchObject({ code: "invalid", message });
    }
  });
});
