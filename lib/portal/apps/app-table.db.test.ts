import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { createApp } from "#lib/services/apps/create-app";
import { worldOfFile } from "#lib/services/testing/world";
import { appFormOptions } from "./app-form-options";
import { appTable } from "./app-table";

const world = await worldOfFile();
beforeAll(async () => {
  const ctx = world.as(world.admin);
  const app = await createApp(ctx, { name: "helpdesk", organization_id: world.a.id });
  await createApp(ctx, { name: "elsewhere", organization_id: world.b.id });
  await world.db.execute(sql`
    insert into counters (scope_type, scope_id, period, period_start, spent_usd)
    values ('app', ${app.id}, 'month', tollgate_period_start('month', now()), 0.5)`);
});

describe("the table of apps", () => {
  test("shows the organization and the spend of each app", async () => {
    const { data } = await appTable(world.as(world.admin), {});
    expect(data).toMatchObject([
      { name: "elsewhere", organization_name: "B", spent_usd: "0" },
      { name: "helpdesk", organization_name: "A", spent_usd: "0.5" },
    ]);
    expect(JSON.stringify(data)).not.toContain("secret_hash");
  });

  test("lists only apps of the actor's organization", async () => {
    const { data } = await appTable(world.as(world.viewer), {});
    expect(data.map(({ name }) => name)).toEqual(["helpdesk"]);
  });
});

describe("the options of the app form", () => {
  test("offers the enabled models and the actor's organizations", async () => {
    expect(await appFormOptions(world.as(world.orgAdmin))).toEqual({
      organizations: [{ id: world.a.id, name: "A" }],
      models: ["large", "small"],
    });
  });

  test("is not available to members and viewers", async () => {
    for (const actor of [world.member, world.viewer]) {
      expect(await appFormOptions(world.as(actor))).toBeNull();
    }
  });
});
