import { sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import type { Period } from "#lib/db/schema/columns";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { budgetNotices } from "#lib/portal/budgets/budget-notices";
import { createUser } from "#lib/services/users/create-user";
import { updateUser } from "#lib/services/users/update-user";
import { listBudgetEvents } from "./list-budget-events";
import { budgetWorldOfFile } from "./testing/budget-world";

const world = await budgetWorldOfFile();
beforeEach(() => world.reset());

const limitA = (limit: string | null, percent: number | null = null, period: Period = "month") =>
  world.limit(organizations, world.a.id, limit, percent, period);

const listed = async (actor: Actor, query = {}) => (await listBudgetEvents(world.as(actor), query)).data;

describe("a soft limit", () => {
  test("raises an event when its share of the limit is spent, and not a picodollar earlier", async () => {
    await limitA("10", 80);
    await world.spent(world.a.id, "7.999999999999");
    expect(await world.raise()).toEqual([]);
    await world.spent(world.a.id, "8");
    expect(await world.raise()).toEqual([
      {
        kind: "soft_limit_reached",
        scope_type: "organization",
        scope_id: world.a.id,
        period: "month",
        limit_usd: "10",
        percent: 80,
        spent_usd: "8",
      },
    ]);
  });

  test("raises its event once per period, however many replicas look at once", async () => {
    await limitA("10", 80);
    await world.spent(world.a.id, "9");
    const raised = await Promise.all([world.raise(), world.raise(), world.raise()]);
    expect(raised.flat()).toHaveLength(1);
    await world.spent(world.a.id, "9.5");
    expect(await world.raise()).toEqual([]);
  });

  test("counts the running period only", async () => {
    await limitA("10", 80, "day");
    await world.spent(world.a.id, "9", "day", "1 day");
    await world.spent(world.a.id, "9", "month");
    expect(await world.raise()).toEqual([]);
    await world.spent(world.a.id, "9", "day");
    expect(await world.raise()).toHaveLength(1);
    // The next day.
    await world.db.execute(sql`update budget_events set period_start = period_start - interval '1 day'`);
    expect(await world.raise()).toHaveLength(1);
  });

  test("raises events for users and keys as well", async () => {
    await world.limit(users, world.member.id, "1", 50);
    await world.limit(apiKeys, world.a.memberKey, "1", 50);
    await world.spent(world.member.id, "0.5");
    await world.spent(world.a.memberKey, "0.5");
    expect((await world.raise()).map((event) => event.scope_type).sort()).toEqual(["api_key", "user"]);
  });
});

describe("the limit itself", () => {
  test("raises an event when reached, also without a soft limit, but not when it is zero", async () => {
    await limitA("10");
    await world.spent(world.a.id, "10");
    expect(await world.raise()).toMatchObject([{ kind: "limit_reached", percent: 100 }]);
    await limitA("0");
    await world.db.execute(sql`truncate budget_events`);
    expect(await world.raise()).toEqual([]);
  });

  test("raises its event after that of the soft limit, in the same period", async () => {
    await limitA("10", 80);
    await world.spent(world.a.id, "8");
    await world.raise();
    await world.spent(world.a.id, "10");
    expect(await world.raise()).toMatchObject([{ kind: "limit_reached" }]);
  });

  test("raises an event again when a prepaid credit was increased and is used up again", async () => {
    await limitA("10", 80, "total");
    await world.spent(world.a.id, "8", "total");
    expect(await world.raise()).toHaveLength(1);
    await limitA("20", 80, "total");
    expect(await world.raise()).toEqual([]);
    await world.spent(world.a.id, "16", "total");
    expect(await world.raise()).toMatchObject([{ limit_usd: "20", spent_usd: "16" }]);
    expect(await world.raise()).toEqual([]);
  });
});

test("a budget that is moved above a threshold raises another event, for the new organization alone", async () => {
  const asAdmin = world.as(world.admin);
  const { id } = await createUser(asAdmin, {
    email: "moving@example.com",
    organization_id: world.a.id,
    budget: { limit_usd: "1", period: "month", soft_limit_percent: 50 },
  });
  await world.spent(id, "0.75");
  expect(await world.raise()).toHaveLength(1);
  await updateUser(asAdmin, { id, organization_id: world.b.id });
  const before = await listed(world.orgAdmin);
  expect(await listed(world.orgAdminOfB)).toEqual([]);
  expect(await budgetNotices(world.as(world.orgAdminOfB), { most: 9 })).toEqual({ shown: [], total: 0 });
  await world.spent(id, "0.8");
  expect(await world.raise()).toMatchObject([{ scope_id: id, spent_usd: "0.8" }]);
  expect(await world.raise()).toEqual([]);
  expect(await listed(world.orgAdmin)).toEqual(before);
  expect(before).toMatchObject([{ scope: { id }, organization_id: world.a.id, spent_usd: "0.75" }]);
  const [event, ...others] = await listed(world.orgAdminOfB);
  expect([event, others]).toMatchObject([{ scope: { id }, spent_usd: "0.8" }, []]);
  expect(await budgetNotices(world.as(world.orgAdminOfB), { most: 9 })).toMatchObject({
    shown: [{ scope: { id }, reachedAt: event?.at }],
  });
});

describe("the list of events", () => {
  beforeEach(() => world.raiseFiveEvents());

  test("has the fields of the contract and pages newest first", async () => {
    const [newest, ...others] = await listed(world.admin);
    expect(others).toHaveLength(4);
    expect(newest).toEqual({
      id: expect.stringMatching(/^\d+$/),
      at: expect.stringMatching(/Z$/),
      kind: "soft_limit_reached",
      scope: { type: expect.any(String), id: expect.any(String) },
      organization_id: expect.any(String),
      period: "month",
      period_start: `${new Date().toISOString().slice(0, 7)}-01T00:00:00.000Z`,
      limit_usd: expect.any(String),
      percent: 50,
      spent_usd: expect.any(String),
    });
    const first = await listBudgetEvents(world.as(world.admin), { limit: 3 });
    const second = await listBudgetEvents(world.as(world.admin), {
      limit: 3,
      cursor: first.next_cursor ?? "",
    });
    expect([...first.data, ...second.data]).toEqual([newest, ...others]);
    expect(second.next_cursor).toBeNull();
  });

  test("shows each actor the events of their own scope", async () => {
    const seen = async (actor: Actor) => (await listed(actor)).map((event) => event.scope.id).sort();
    const ofA = [world.a.id, world.member.id, world.other.id, world.a.memberKey].sort();
    expect(await seen(world.orgAdmin)).toEqual(ofA);
    expect(await seen(world.viewer)).toEqual(ofA);
    expect(await seen(world.member)).toEqual([world.member.id, world.a.memberKey].sort());
    expect(await seen(world.other)).toEqual([world.other.id]);
    expect(await seen(world.orgAdminOfB)).toEqual([world.b.id]);
    expect(await seen(world.stray)).toEqual([]);
  });

  test("filters by scope, kind and time", async () => {
    expect(await listed(world.admin, { scope_id: world.member.id })).toHaveLength(1);
    expect(await listed(world.admin, { scope_type: "user" })).toHaveLength(2);
    expect(await listed(world.admin, { organization_id: world.b.id })).toHaveLength(1);
    expect(await listed(world.admin, { kind: "limit_reached" })).toEqual([]);
    expect(await listed(world.admin, { from: "2100-01-01T00:00:00Z" })).toEqual([]);
    expect(await listed(world.admin, { to: "2100-01-01T00:00:00Z" })).toHaveLength(5);
    await expect(listed(world.admin, { scope: "x" })).rejects.toMatchObject({ code: "invalid" });
  });

  test("keeps the events of deleted users for the organization's admins", async () => {
    await world.db.execute(
      sql`update budget_events set scope_id = gen_random_uuid() where scope_id = ${world.other.id}`,
    );
    expect(await listed(world.orgAdmin)).toHaveLength(4);
  });
});
