import { expect, test } from "vitest";
import { organizations, users } from "#lib/db/schema/identity";
import { listBudgetEvents } from "#lib/services/budgets/list-budget-events";
import { eventWorldOfFile } from "#lib/services/budgets/testing/budget-world";
import { budgetNotices } from "./budget-notices";

const world = await eventWorldOfFile();

test("shows the fullest budgets first, with the names that the actor may see", async () => {
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
  const ofKey = await budgetNotices(world.as(world.member), { most: 9, scopeId: world.a.memberKey });
  expect(ofKey).toMatchObject({ total: 1, shown: [{ scope: { type: "api_key" } }] });
  expect((await budgetNotices(world.as(world.stray), { most: 9 })).total).toBe(0);
});

test("shows one notice per scope, for the highest threshold", async () => {
  await world.spent(world.a.id, "10");
  await world.raise();
  const { shown } = await budgetNotices(world.as(world.viewer), { most: 9, scopeId: world.a.id });
  expect(shown).toMatchObject([{ scope: { name: "A" }, percent: 100, threshold: 100 }]);
});

test("drops a notice, but keeps the event, when the limit is raised or the budget removed", async () => {
  await world.limit(organizations, world.a.id, "100", 50);
  await world.limit(users, world.other.id, null);
  expect((await budgetNotices(world.as(world.orgAdmin), { most: 9 })).total).toBe(2);
  expect((await listBudgetEvents(world.as(world.orgAdmin), {})).data).toHaveLength(4);
});
