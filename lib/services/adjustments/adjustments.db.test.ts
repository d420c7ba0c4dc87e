import { randomBytes } from "node:crypto";
import { asc, eq, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { counters, ledger } from "#lib/db/schema/credit";
import { apps, users } from "#lib/db/schema/identity";
import { usageHourly } from "#lib/db/schema/usage";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { expectCreationAudited } from "#lib/services/testing/expect-audited";
import { expectForbidden, rejection } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createUser } from "#lib/services/users/create-user";
import { resetUsage } from "#lib/services/users/reset-usage";
import { updateUser } from "#lib/services/users/update-user";
import { userUsage } from "#lib/services/users/user-usage";
import { createAdjustment } from "./create-adjustment";

const world = await worldOfFile();

const adjust = (scope: object, amount_usd = "1", actor: Actor = world.admin) =>
  createAdjustment(world.as(actor), { scope, amount_usd, reason: "a mistake" });
const bucketsOf = (scopeId: string) =>
  world.db
    .select({ period: counters.period, spentUsd: counters.spentUsd, type: counters.scopeType })
    .from(counters)
    .where(eq(counters.scopeId, scopeId))
    .orderBy(asc(counters.id));
const ledgerRow = async (id: string) => (await world.db.select().from(ledger).where(eq(ledger.id, id)))[0];
const adjustments = () => world.db.$count(ledger, eq(ledger.status, "adjustment"));

describe("an adjustment", () => {
  test("writes a ledger row with reason and actor, and an audit row", async () => {
    const created = await createAdjustment(world.as(world.admin), {
      scope: { user_id: world.member.id },
      amount_usd: "-2.50",
      reason: "  an outage ",
    });
    expect(created).toEqual({
      id: expect.any(String),
      created_at: expect.stringMatching(/Z$/),
      scope: { user_id: world.member.id },
      amount_usd: "-2.5",
      reason: "an outage",
      actor: "admin@example.com",
      budget: null,
    });
    const row = await ledgerRow(created.id);
    expect(row).toMatchObject({
      status: "adjustment",
      organizationId: world.a.id,
      userId: world.member.id,
      apiKeyId: null,
      costUsd: "-2.500000000000",
      reason: "an outage",
      adjustedBy: "admin@example.com",
    });
    expect(row?.createdAt.toISOString()).toBe(created.created_at);
    const organizationId = world.a.id;
    const { budget: _, ...audited } = created;
    await expectCreationAudited(world, {
      subjectType: "adjustment",
      created: audited,
      by: world.admin,
      organizationId,
    });
  });

  test("changes the current bucket of its scope only, and no usage", async () => {
    const usageBefore = await world.db.$count(usageHourly);
    await adjust({ organization_id: world.a.id }, "5");
    await adjust({ api_key_id: world.a.orgKey }, "7");
    await adjust({ organization_id: world.a.id }, "-0.000000000001");
    expect(await bucketsOf(world.a.id)).toEqual([
      { type: "organization", period: "month", spentUsd: "4.999999999999" },
    ]);
    expect(await bucketsOf(world.a.orgKey)).toEqual([
      { type: "api_key", period: "month", spentUsd: "7.000000000000" },
    ]);
    expect(await world.db.$count(usageHourly)).toBe(usageBefore);
  });

  test("counts in the budget's period, and shows in the usage at once", async () => {
    await updateUser(world.as(world.admin), {
      id: world.other.id,
      budget: { limit_usd: "10", period: "total" },
    });
    await adjust({ user_id: world.other.id }, "4");
    expect(await bucketsOf(world.other.id)).toEqual([
      // The month's bucket from before the change of period.
      { type: "user", period: "month", spentUsd: "0.000000000000" },
      { type: "user", period: "total", spentUsd: "4.000000000000" },
    ]);
    expect(await userUsage(world.as(world.other), { id: world.other.id })).toMatchObject({
      period: { end: null },
      budget: { limit_usd: "10", spent_usd: "4", held_usd: "0", remaining_usd: "6" },
      requests: 0,
      cost_usd: "0",
    });
  });

  test("may adjust an app", async () => {
    const [app] = await world.db
      .insert(apps)
      .values({ name: "app", organizationId: world.b.id, secretHash: randomBytes(32) })
      .returning();
    const { id } = await adjust({ app_id: app?.id }, "3");
    expect(await ledgerRow(id)).toMatchObject({ organizationId: world.b.id, appId: app?.id, userId: null });
  });

  test("adds up when several run at the same time", async () => {
    await Promise.all(Array.from({ length: 20 }, () => adjust({ organization_id: world.b.id }, "0.1")));
    expect(await bucketsOf(world.b.id)).toMatchObject([{ spentUsd: "2.000000000000" }]);
  });

  test("answers with the balance after it, also when many run at the same time", async () => {
    const { id } = await createUser(world.as(world.admin), {
      email: "prepaid@example.com",
      organization_id: world.a.id,
      budget: { limit_usd: "5", period: "total" },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => adjust({ user_id: id }, "-0.25")));
    const left = answers.map(({ budget }) => Number(budget?.remaining_usd)).sort((a, b) => a - b);
    expect(left).toEqual(Array.from({ length: 20 }, (_, at) => 5 + (at + 1) * 0.25));
    expect((await adjust({ user_id: id }, "12")).budget).toEqual({
      limit_usd: "5",
      spent_usd: "7",
      held_usd: "0",
      remaining_usd: "0",
    });
  });

  test("needs an administrator", async () => {
    const before = await adjustments();
    for (const actor of [world.orgAdmin, world.viewer, world.member, world.stray]) {
      await expectForbidden(() => adjust({ user_id: world.member.id }, "-1", actor));
    }
    expect(await adjustments()).toBe(before);
  });

  test.each<[string, () => object, object]>([
    ["no scope", () => ({ scope: {} }), rejection("invalid", "scope")],
    [
      "two scopes",
      () => ({ scope: { user_id: world.member.id, organization_id: world.a.id } }),
      rejection("invalid", "scope"),
    ],
    ["an unknown scope", () => ({ scope: { provider_id: UNKNOWN_ID } }), { code: "invalid" }],
    ["an unknown user", () => ({ scope: { user_id: UNKNOWN_ID } }), { code: "not_found" }],
    ["an unknown key", () => ({ scope: { api_key_id: world.member.id } }), { code: "not_found" }],
    [
      "a user without an organization",
      () => ({ scope: { user_id: world.admin.id } }),
      rejection("invalid", "scope.user_id"),
    ],
    ["a zero amount", () => ({ amount_usd: "-0.00" }), { fields: { amount_usd: expect.any(String) } }],
    ["an amount as a number", () => ({ amount_usd: 1 }), { fields: { amount_usd: expect.any(String) } }],
    [
      "an amount with an exponent",
      () => ({ amount_usd: "1e3" }),
      { fields: { amount_usd: expect.any(String) } },
    ],
    ["an amount with too many decimals", () => ({ amount_usd: "0.0000000000001" }), { code: "invalid" }],
    ["no reason", () => ({ reason: " " }), { fields: { reason: "Enter a reason." } }],
    ["an unknown field", () => ({ note: "x" }), { fields: { note: expect.any(String) } }],
  ])("is rejected for %s, and writes nothing", async (_what, input, rejection) => {
    const before = await adjustments();
    const asked = { scope: { user_id: world.member.id }, amount_usd: "1", reason: "x", ...input() };
    await expect(createAdjustment(world.as(world.admin), asked)).rejects.toMatchObject(rejection);
    expect(await adjustments()).toBe(before);
  });
});

describe("resetting a user's usage", () => {
  const spend = (userId: string, spentUsd: string) =>
    world.db.execute(sql`
      insert into counters (scope_type, scope_id, period, period_start, spent_usd, held_usd)
      values ('user', ${userId}, 'day', tollgate_period_start('day', now()), ${spentUsd}, 0.5)`);
  const person = async (name: string) => {
    const [row] = await world.db
      .insert(users)
      .values({
        email: `${name}@example.com`,
        organizationId: world.a.id,
        budgetLimitUsd: "10",
        budgetPeriod: "day",
      })
      .returning();
    return row?.id ?? "";
  };

  test("refunds the current bucket by an adjustment, and returns the usage after it", async () => {
    const id = await person("reset");
    await spend(id, "3.25");
    await world.addUsage({ userId: id, requests: 4, costUsd: "3.25" });
    const organizationBefore = await bucketsOf(world.a.id);
    expect(await resetUsage(world.as(world.orgAdmin), { id, reason: "a new project" })).toMatchObject({
      budget: { limit_usd: "10", spent_usd: "0", held_usd: "0.5", remaining_usd: "9.5" },
      requests: 4,
      cost_usd: "3.25",
    });
    expect(await bucketsOf(world.a.id)).toEqual(organizationBefore);
    const [row] = await world.db.select().from(ledger).where(eq(ledger.userId, id));
    expect(row).toMatchObject({
      status: "adjustment",
      costUsd: "-3.250000000000",
      reason: "a new project",
      adjustedBy: "org-admin@example.com",
    });
    expect(await world.auditOf(id)).toMatchObject([
      {
        action: "user.reset_usage",
        actorId: world.orgAdmin.id,
        after: { adjustment_id: row?.id, amount_usd: "-3.25", reason: "a new project" },
      },
    ]);
  });

  test("writes nothing if nothing was spent", async () => {
    const id = await person("idle");
    expect(await resetUsage(world.as(world.admin), { id })).toMatchObject({ budget: { spent_usd: "0" } });
    await spend(id, "0.000000000001");
    await resetUsage(world.as(world.admin), { id });
    await resetUsage(world.as(world.admin), { id });
    expect(await world.db.$count(ledger, eq(ledger.userId, id))).toBe(1);
    expect((await world.auditOf(id)).length).toBe(1);
    expect(await resetUsage(world.as(world.admin), { id: world.admin.id })).toMatchObject({ budget: null });
  });

  test("leaves prepaid credit as it is", async () => {
    const id = await person("credited");
    await adjust({ user_id: id }, "-20");
    expect(await resetUsage(world.as(world.admin), { id })).toMatchObject({
      budget: { spent_usd: "-20", remaining_usd: "30" },
    });
    expect(await world.auditOf(id)).toHaveLength(0);
  });
});
