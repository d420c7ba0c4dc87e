import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import type { Period } from "#lib/db/schema/columns";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { budgetNotices } from "#lib/portal/budgets/budget-notices";
import { createWorld, type World } from "#lib/services/testing/world";
import { listBudgetEvents } from "./list-budget-events";
import { raiseBudgetEvents } from "./raise-budget-events";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.drop());

beforeEach(async () => {
  await world.db.execute(sql`truncate budget_events, counters`);
  for (const table of [organizations, users, apiKeys]) await world.db.update(table).set(budget(null));
});

const budget = (limit: string | null, percent: number | null = null, period: Period = "month") => ({
  budgetLimitUsd: limit,
  budgetPeriod: limit === null ? null : period,
  budgetSoftPercent: percent,
});

const limitA = (limit: string | null, percent: number | null = null, period: Period = "month") =>
  world.db
    .update(organizations)
    .set(budget(limit, percent, period))
    .where(sql`id = ${world.a.id}`);

/** What the running bucket of a scope has spent, or that of so long ago. */
const spent = (scopeId: string, usd: string, period: Period = "month", ago = "0") =>
  world.db.execute(sql`
    insert into counters (scope_type, scope_id, period, period_start, spent_usd)
    values ('organization', ${scopeId}, ${period}, tollgate_period_start(${period}::period, now() - ${ago}::interval), ${usd})
    on conflict on constraint counters_bucket do update set spent_usd = excluded.spent_usd`);

const raise = () => raiseBudgetEvents(world.db);
const listed = async (actor: Actor, query = {}) => (await listBudgetEvents(world.as(actor), query)).data;

describe("a soft limit", () => {
  test("raises an event when so much of the limit is spent, and not a picodollar before", async () => {
    await limitA("10", 80);
    await spent(world.a.id, "7.999999999999");
    expect(await raise()).toEqual([]);
    await spent(world.a.id, "8");
    expect(await raise()).toEqual([
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

  test("raises it once a period, on any number of replicas at once", async () => {
    await limitA("10", 80);
    await spent(world.a.id, "9");
    const raised = await Promise.all([raise(), raise(), raise()]);
    expect(raised.flat()).toHaveLength(1);
    await spent(world.a.id, "9.5");
    expect(await raise()).toEqual([]);
  });

  test("looks at the running period alone", async () => {
    await limitA("10", 80, "day");
    await spent(world.a.id, "9", "day", "1 day");
    await spent(world.a.id, "9", "month");
    expect(await raise()).toEqual([]);
    await spent(world.a.id, "9", "day");
    expect(await raise()).toHaveLength(1);
    // The day is over.
    await world.db.execute(sql`update budget_events set period_start = period_start - interval '1 day'`);
    expect(await raise()).toHaveLength(1);
  });

  test("is there for users and keys as well", async () => {
    await world.db.update(users).set(budget("1", 50)).where(sql`id = ${world.member.id}`);
    await world.db.update(apiKeys).set(budget("1", 50)).where(sql`id = ${world.a.memberKey}`);
    await spent(world.member.id, "0.5");
    await spent(world.a.memberKey, "0.5");
    expect((await raise()).map((event) => event.scope_type).sort()).toEqual(["api_key", "user"]);
  });
});

describe("the limit itself", () => {
  test("is told of when it is reached, also without a soft one; a limit of zero, which blocks, is not", async () => {
    await limitA("10");
    await spent(world.a.id, "10");
    expect(await raise()).toMatchObject([{ kind: "limit_reached", percent: 100 }]);
    await limitA("0");
    await world.db.execute(sql`truncate budget_events`);
    expect(await raise()).toEqual([]);
  });

  test("comes after the soft one, in the same period", async () => {
    await limitA("10", 80);
    await spent(world.a.id, "8");
    await raise();
    await spent(world.a.id, "10");
    expect(await raise()).toMatchObject([{ kind: "limit_reached" }]);
  });

  test("of a prepaid credit is told of again when it was raised and is used up again", async () => {
    await limitA("10", 80, "total");
    await spent(world.a.id, "8", "total");
    expect(await raise()).toHaveLength(1);
    await limitA("20", 80, "total");
    expect(await raise()).toEqual([]);
    await spent(world.a.id, "16", "total");
    expect(await raise()).toMatchObject([{ limit_usd: "20", spent_usd: "16" }]);
    expect(await raise()).toEqual([]);
  });
});

describe("the list of events", () => {
  beforeEach(async () => {
    await limitA("10", 50);
    await world.db.update(organizations).set(budget("10", 50)).where(sql`id = ${world.b.id}`);
    await world.db
      .update(users)
      .set(budget("1", 50))
      .where(sql`id in (${world.member.id}, ${world.other.id})`);
    await world.db.update(apiKeys).set(budget("1", 50)).where(sql`id = ${world.a.memberKey}`);
    for (const id of [world.a.id, world.b.id]) await spent(id, "5");
    for (const id of [world.member.id, world.other.id, world.a.memberKey]) await spent(id, "0.75");
    await raise();
  });

  test("has what the contract's other lists have, newest first", async () => {
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

  test("shows everybody what is theirs to see", async () => {
    const seen = async (actor: Actor) => (await listed(actor)).map((event) => event.scope.id).sort();
    const ofA = [world.a.id, world.member.id, world.other.id, world.a.memberKey].sort();
    expect(await seen(world.orgAdmin)).toEqual(ofA);
    expect(await seen(world.viewer)).toEqual(ofA);
    expect(await seen(world.member)).toEqual([world.member.id, world.a.memberKey].sort());
    expect(await seen(world.other)).toEqual([world.other.id]);
    expect(await seen(world.orgAdminOfB)).toEqual([world.b.id]);
    expect(await seen(world.stray)).toEqual([]);
  });

  test("is filtered by scope, kind and time", async () => {
    expect(await listed(world.admin, { scope_id: world.member.id })).toHaveLength(1);
    expect(await listed(world.admin, { scope_type: "user" })).toHaveLength(2);
    expect(await listed(world.admin, { organization_id: world.b.id })).toHaveLength(1);
    expect(await listed(world.admin, { kind: "limit_reached" })).toEqual([]);
    expect(await listed(world.admin, { from: "2100-01-01T00:00:00Z" })).toEqual([]);
    expect(await listed(world.admin, { to: "2100-01-01T00:00:00Z" })).toHaveLength(5);
    await expect(listed(world.admin, { scope: "x" })).rejects.toMatchObject({ code: "invalid" });
  });

  test("keeps those of what was deleted, for those in charge", async () => {
    await world.db.execute(
      sql`update budget_events set scope_id = gen_random_uuid() where scope_id = ${world.other.id}`,
    );
    expect(await listed(world.orgAdmin)).toHaveLength(4);
  });

  test("has its notices: the fullest first, with the actor's own names", async () => {
    const notices = await budgetNotices(world.as(world.orgAdmin), { most: 2 });
    expect(notices.total).toBe(4);
    expect(notices.shown).toHaveLength(2);
    expect(notices.shown[0]).toMatchObject({
      percent: 75,
      limitUsd: "1",
      spentUsd: "0.75",
      period: "month",
      threshold: 50,
      reachedAt: expect.stringMatching(/Z$/),
    });
    const own = await budgetNotices(world.as(world.member), { most: 9 });
    expect(own.shown.map(({ scope }) => scope.name).sort()).toEqual(["a-member", "member"]);
    expect(
      await budgetNotices(world.as(world.member), { most: 9, scopeId: world.a.memberKey }),
    ).toMatchObject({
      total: 1,
      shown: [{ scope: { type: "api_key" } }],
    });
    expect((await budgetNotices(world.as(world.stray), { most: 9 })).total).toBe(0);
  });

  test("has one notice for a scope, of the highest threshold", async () => {
    await spent(world.a.id, "10");
    await raise();
    const { shown } = await budgetNotices(world.as(world.viewer), { most: 9, scopeId: world.a.id });
    expect(shown).toMatchObject([{ scope: { name: "A" }, percent: 100, threshold: 100 }]);
  });

  test("takes back a notice, not the event, when the limit is raised or the budget removed", async () => {
    await limitA("100", 50);
    await world.db.update(users).set(budget(null)).where(sql`id = ${world.other.id}`);
    expect((await budgetNotices(world.as(world.orgAdmin), { most: 9 })).total).toBe(2);
    expect(await listed(world.orgAdmin)).toHaveLength(4);
  });
});
