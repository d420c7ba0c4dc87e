import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { users } from "#lib/db/schema/identity";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { importUsers } from "./import-users";
import { importUsersCsv } from "./import-users-csv";
import { listUsers } from "./list-users";
import { newEmail, newUser } from "./testing/users";
import { usersOfCsv } from "./users-of-csv";

const world = await worldOfFile();
const orgAdmin = world.as(world.orgAdmin);
const found = async (search: string) => (await listUsers(orgAdmin, { search })).data;
const NOTHING = { dry_run: false, created: 0, updated: 0, unchanged: 0, errors: [] };

describe("importing users", () => {
  test("creates the new ones, and updates others by external id or e-mail address, once", async () => {
    const known = await newUser(world, { name: "Known", external_id: `emp-${newEmail()}` });
    const byEmail = await newUser(world);
    const email = newEmail();
    const rows = [
      { email, name: "New", payment_valid_until: "2030-01-31", budget: { limit_usd: "5", period: "month" } },
      { external_id: known.external_id, payment_valid_until: "2030-02-28" },
      { email: byEmail.email.toUpperCase(), metadata: { team: "search" } },
    ];
    expect(await importUsers(orgAdmin, { users: rows })).toEqual({ ...NOTHING, created: 1, updated: 2 });
    expect(await importUsers(orgAdmin, { users: rows.slice(0, 2) })).toEqual({ ...NOTHING, unchanged: 2 });
    expect(await found(email)).toMatchObject([
      { name: "New", organization_id: world.a.id, payment_valid_until: "2030-01-31", role: "member" },
    ]);
    expect(await found(known.external_id ?? "")).toMatchObject([
      { name: "Known", payment_valid_until: "2030-02-28" },
    ]);
    expect((await world.auditOf(known.id)).map(({ action }) => action)).toContain("user.update");
  });

  test("lists rows that are wrong, and imports the others", async () => {
    const email = newEmail();
    const taken = await newUser(world, { external_id: "taken" });
    const answer = await importUsers(orgAdmin, {
      users: [
        { email: "no address" },
        { email, unknown: 1 },
        { email, role: "admin" },
        { name: "No one" },
        { email: newEmail(), organization_id: world.b.id },
        { email },
      ],
    });
    expect(answer).toMatchObject({ created: 1, updated: 0, unchanged: 0 });
    expect(answer.errors.map(({ row, field }) => [row, field])).toEqual([
      [1, "email"],
      [2, "unknown"],
      [3, null],
      [4, "email"],
      [5, "organization_id"],
    ]);
    expect(await found(email)).toHaveLength(1);
    // A row that the database rejects does not undo the others.
    const [first, second] = [newEmail(), newEmail()];
    const clash = await importUsers(orgAdmin, {
      users: [{ email: first }, { external_id: "free", email: taken.email }, { email: second }],
    });
    expect(clash).toMatchObject({ created: 2, errors: [{ row: 2, field: "email" }] });
    expect(await found(second)).toHaveLength(1);
  });

  test("says what would happen in a dry run, and writes nothing", async () => {
    const email = newEmail();
    const dry = await importUsers(orgAdmin, { users: [{ email }, { email: "wrong" }], dry_run: "true" });
    expect(dry).toMatchObject({ dry_run: true, created: 1, errors: [{ row: 2 }] });
    expect(await found(email)).toEqual([]);
    expect(await world.db.$count(users, eq(users.email, email))).toBe(0);
  });

  test("imports nothing if a row is wrong, where that is asked for", async () => {
    const email = newEmail();
    const rows = [{ email }, { email: "wrong" }];
    const asked = { users: rows, all_or_none: true };
    expect(await importUsers(orgAdmin, asked)).toMatchObject({ created: 0, errors: [{ row: 2 }] });
    expect(await found(email)).toEqual([]);
    expect((await importUsers(orgAdmin, { ...asked, dry_run: true })).rows).toEqual([
      { row: 1, user: email, outcome: "created" },
      { row: 2, user: "wrong", outcome: "wrong" },
    ]);
    const csv = (users: string) => importUsersCsv(orgAdmin, { users, dry_run: false });
    expect(await csv(`email,name\n${email},Ada\nwrong,`)).toMatchObject({ created: 0 });
    expect(await found(email)).toEqual([]);
    expect(await csv(`email,name\n${email},Ada`)).toMatchObject({ created: 1, errors: [] });
    expect(await found(email)).toMatchObject([{ name: "Ada" }]);
    await expect(csv("email,password\na,b")).rejects.toMatchObject({ code: "invalid" });
  });

  test("reads CSV, whose empty cells change nothing", async () => {
    const email = newEmail();
    const csv = `email,name,budget_limit_usd,metadata.team\r\n${email},"Lovelace, Ada",7,search\r\n`;
    expect(await importUsers(orgAdmin, usersOfCsv(csv))).toMatchObject({ created: 1 });
    expect(await importUsers(orgAdmin, usersOfCsv(`email,name,role\n${email},,viewer`))).toMatchObject({
      updated: 1,
    });
    expect(await found(email)).toMatchObject([
      {
        name: "Lovelace, Ada",
        role: "viewer",
        budget: { limit_usd: "7", period: "month" },
        metadata: { team: "search" },
      },
    ]);
    expect(() => usersOfCsv("email,password\na,b")).toThrow('Unknown column "password".');
  });

  test("is for those who administer an organization", async () => {
    for (const actor of [world.member, world.viewer]) {
      await expectForbidden(() => importUsers(world.as(actor), { users: [{ email: newEmail() }] }));
    }
  });
});
