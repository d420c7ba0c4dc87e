import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { choose, expectHidden, signIn } from "./portal-page";

test("shows who made a change, with values before and after", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, `/organizations/${a.id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Budget (USD)").fill("40");
  await dialog.getByLabel("Name").fill(`${a.name} x`);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();

  await page.getByRole("link", { name: "Change history" }).click();
  await expect(page).toHaveURL(`/audit?organization=${a.id}`);
  const entries = page.getByRole("list", { name: "Changes" }).getByRole("listitem");
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText(`Administrator updated the organization ${a.name} x`);
  await entries.locator("summary").click();
  const change = entries.getByRole("table").getByRole("row");
  await expect(change).toHaveText([
    "FieldBeforeAfter",
    "budget.limit_usd—40",
    "budget.period—month",
    `name${a.name}${a.name} x`,
  ]);
  await expect(entries).toContainText("127.0.0.1");
});

test("filters entries by subject, action, actor and day, and keeps the filters in the address", async ({
  page,
  gate,
}) => {
  const { a } = await seedCast(gate);
  const insert = (actor: string, action: string, at: string) => gate.sql`
    INSERT INTO audit_log (at, actor_id, actor_name, organization_id, action, subject_type, subject_id)
    VALUES (${at}, ${actor}, ${actor}, ${a.id}, ${action}, ${action.split(".")[0] ?? ""}, 'thing')`;
  await insert("early bird", "user.update", "2026-01-05T23:59:59Z");
  await insert("night owl", "user.update", "2026-01-06T00:00:00Z");
  await insert("night owl", "app.rotate", "2026-01-07T12:00:00Z");
  await signIn(page, "/audit", { email: a.orgAdmin.email });
  const entries = page.getByRole("list", { name: "Changes" }).getByRole("listitem");
  // Three entries below that of the sign-in.
  await expect(entries).toHaveCount(4);
  await expect(entries.nth(1)).toContainText("night owl rotated the app");
  await choose(page, page.getByLabel("Actor"), "night owl");
  await expect(entries).toHaveCount(2);
  await choose(page, page.getByLabel("Subject"), "User");
  await expect(entries).toHaveCount(1);
  await expect(page).toHaveURL(/actor=night\+owl|actor=night%20owl/);
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(entries).toHaveCount(4);
  await choose(page, page.getByLabel("Action"), "app.rotate");
  await expect(entries).toHaveCount(1);
  await page.goto("/audit?from=2026-01-06&to=2026-01-06");
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText("night owl updated the user");
  await page.getByLabel("From").fill("2026-01-08");
  await expect(page.getByRole("heading", { name: "No results" })).toBeVisible();
});

test("pages entries without shifting when new ones arrive", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const insert = (from: number, to: number) => gate.sql`
    INSERT INTO audit_log (actor_id, actor_name, organization_id, action, subject_type, subject_id, after)
    SELECT 'e2e', 'e2e', ${a.id}::uuid, 'user.update', 'user', 'x', jsonb_build_object('name', 'entry ' || n)
    FROM generate_series(${from}::int, ${to}::int) n`;
  await insert(1, 60);
  await signIn(page, "/audit", { email: a.orgAdmin.email });
  const entries = page.getByRole("list", { name: "Changes" }).getByRole("listitem");
  await expect(entries).toHaveCount(50);
  await insert(61, 70);
  await page.getByRole("link", { name: "Older" }).click();
  // The newest entry of the first page was that of the sign-in.
  await expect(entries).toHaveCount(11);
  await expect(entries.first()).toContainText("entry 11");
  await page.getByRole("link", { name: "Newest" }).click();
  await expect(entries.first()).toContainText("entry 70");
});

test("hides the page from other roles", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/", { email: a.viewer.email });
  await expectHidden(page, ["Audit log"], ["/audit"]);
});
