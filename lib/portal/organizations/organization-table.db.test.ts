import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { type World, worldOfFile } from "#lib/services/testing/world";
import { organizationTable } from "./organization-table";

const world = await worldOfFile();
beforeAll(async () => {
  const bucket = (id: string, period: string, spent: string, start = sql`now()`) =>
    world.db.execute(sql`
      insert into counters (scope_type, scope_id, period, period_start, spent_usd, held_usd)
      values ('organization', ${id}, ${period}, tollgate_period_start(${period}::period, ${start}), ${spent}, 0.25)`);
  await bucket(world.a.id, "month", "7.5");
  await bucket(world.a.id, "month", "900", sql`now() - interval '40 days'`);
  await bucket(world.b.id, "month", "3");
});

const rowsFor = async (actor: World["admin"]) => (await organizationTable(world.as(actor), {})).data;

describe("the table of organizations", () => {
  test("shows the number of users, and the spend and holds of the running bucket", async () => {
    expect(await rowsFor(world.admin)).toMatchObject([
      { name: "B", users: 1, spent_usd: "3", held_usd: "0.25" },
      { name: "A", users: 4, spent_usd: "7.5", held_usd: "0.25" },
    ]);
  });

  test("uses the period of the budget", async () => {
    const ctx = world.as(world.admin);
    await updateOrganization(ctx, { id: world.b.id, budget: { limit_usd: "10", period: "day" } });
    await world.db.execute(sql`update counters set spent_usd = 1.5
      where scope_id = ${world.b.id} and period = 'day'`);
    const [b] = await rowsFor(world.admin);
    expect(b).toMatchObject({ name: "B", budget: { period: "day" }, spent_usd: "1.5" });
    await updateOrganization(ctx, { id: world.b.id, budget: null });
  });

  test("lists their own organization for an org_admin and a viewer, and none for a member", async () => {
    expect((await rowsFor(world.orgAdmin)).map(({ name }) => name)).toEqual(["A"]);
    expect((await rowsFor(world.viewer)).map(({ name }) => name)).toEqual(["A"]);
    expect(await rowsFor(world.member)).toEqual([]);
    expect(await rowsFor(world.stray)).toEqual([]);
  });
});
