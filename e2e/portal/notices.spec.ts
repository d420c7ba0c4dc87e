import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { elsewhere, seriousViolations, signIn } from "./portal-page";

const asked = "tells of what happened, leads to it, and marks notices as read for one person alone";
test(asked, async ({ page, browser, gate }) => {
  const { a } = await seedCast(gate);
  const spent = {
    scope: { type: "api_key", id: a.key.id, name: "key of a" },
    organization_id: a.id,
    period: "month",
    limit_usd: "10",
    percent: 80,
    spent_usd: "8.5",
  };
  const expiring = {
    api_key_id: a.key.id,
    name: "key of a",
    key_prefix: "tg_live_x",
    expires_at: "2030-01-01T00:00:00.000Z",
  };
  for (const [type, data, userId] of [
    ["budget.threshold", spent, a.member.id],
    ["key.expiring", expiring, a.member.id],
    ["target.up", { provider: "openai", provider_id: a.id, upstream_model: "gpt-5" }, null],
  ] as const)
    await gate.sql`
      INSERT INTO events (type, organization_id, user_id, data)
      VALUES (${type}, ${a.id}, ${userId}, ${gate.sql.json(data)})`;

  await signIn(page, "/", { email: a.orgAdmin.email });
  const link = page.getByRole("navigation", { name: "Portal" }).getByRole("link", { name: /^Notices/ });
  await expect(link).toHaveAccessibleName("Notices 3 unread");
  await link.click();
  const notices = page.getByRole("list", { name: "Notices" }).getByRole("listitem");
  await expect(notices).toHaveCount(3);
  await expect(notices.filter({ hasText: "80 % of its budget of $10 a month: $8.5." })).toContainText(
    "Unread",
  );
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole("button", { name: "Mark these 3 as read" }).click();
  await expect(page.getByText("3 notices marked as read.").first()).toBeVisible();
  await expect(link).toHaveAccessibleName("Notices");
  await page.getByRole("link", { name: "Unread", exact: true }).click();
  await expect(page.getByText("Nothing unread")).toBeVisible();
  await page.getByRole("link", { name: "All", exact: true }).click();
  await notices.filter({ hasText: "expires at 2030-01-01" }).getByRole("link").click();
  await expect(page).toHaveURL(`/keys/${a.key.id}`);

  // A member is told of their own, which someone else's reading leaves unread.
  await elsewhere(browser, async (members) => {
    await signIn(members, `${gate.url}/notices`, { email: a.member.email });
    await expect(members.getByRole("list", { name: "Notices" }).getByRole("listitem")).toHaveCount(2);
    await expect(members.getByRole("button", { name: "Mark these 2 as read" })).toBeVisible();
  });
});

test("pages through notices, and ignores a cursor that is none", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await gate.sql`
    INSERT INTO events (type, organization_id, data)
    SELECT 'target.down', ${a.id}, ${gate.sql.json({ provider: "openai", upstream_model: "gpt-5" })}
    FROM generate_series(1, 130)`;
  await signIn(page, "/notices?cursor=nothing", { email: a.orgAdmin.email });
  const link = page.getByRole("navigation", { name: "Portal" }).getByRole("link", { name: /^Notices/ });
  await expect(link).toHaveAccessibleName("Notices 99+ unread");
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(page.getByRole("link", { name: "Newest" })).toBeVisible();
});
