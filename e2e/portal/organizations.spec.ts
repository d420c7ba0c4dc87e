import OpenAI from "openai";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { choose, clientOf, elsewhere, expectHidden, navigationLinks, signIn } from "./portal-page";

test("creates an organization with a budget, finds, edits and deletes it", async ({ page, gate }) => {
  const name = `Browser ${Date.now()}`;
  await signIn(page, "/organizations");
  await page.getByRole("button", { name: "Create organization" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Budget (USD)").fill("12.5");
  await choose(page, dialog.getByLabel("Budget period"), "per week");
  await dialog.getByLabel("Alert threshold (%)").fill("80");
  await dialog.getByLabel("Concurrent requests").fill("4");
  await choose(page, dialog.getByLabel(/database is unavailable/), /Allow requests/);
  await dialog.getByLabel("Allowance (USD)").fill("1.5");
  await dialog.getByRole("button", { name: "Create organization" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(`Organization created.`).first()).toBeVisible();

  await page.getByRole("searchbox").fill(name);
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("$0.00 of $12.50 a week");
  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("4 concurrent requests");
  await expect(page.getByRole("main")).toContainText("Allow up to $1.50 per replica");

  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByLabel("Budget (USD)").fill("a lot");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByLabel("Budget (USD)")).toHaveAccessibleDescription(/Enter US dollars/);
  await expect(dialog.getByLabel("Budget (USD)")).toBeFocused();
  await dialog.getByLabel("Budget (USD)").fill("20");
  await choose(page, dialog.getByLabel(/disconnects/), /Read the whole answer/);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("main")).toContainText("$20.00 a week");
  const [stored] = await gate.sql`
    SELECT budget_limit_usd::float8 AS budget, budget_period, budget_soft_percent, max_concurrent, failure_mode,
      fail_open_allowance_usd::float8 AS allowance, on_hang_up
    FROM organizations WHERE name = ${name}`;
  expect(stored).toEqual({
    budget: 20,
    budget_period: "week",
    budget_soft_percent: 80,
    max_concurrent: 4,
    failure_mode: "fail_open",
    allowance: 1.5,
    on_hang_up: "drain",
  });

  await page.getByRole("button", { name: `More actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete organization" }).click();
  await expect(page).toHaveURL("/organizations");
  await expect(page.getByText(`Organization deleted.`).first()).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: name })).toHaveCount(0);
});

test("adds a user, a key and an app on the organization's page, and lists them there", async ({
  page,
  gate,
}) => {
  const name = `Filled ${Date.now()}`;
  const [organization] = await gate.sql`INSERT INTO organizations (name) VALUES (${name}) RETURNING id`;
  await gate.sql`INSERT INTO organizations (name) VALUES (${`A first ${Date.now()}`})`;
  await signIn(page, `/organizations/${organization?.id}`);
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  const row = (text: string) => main.getByRole("row").filter({ hasText: text });
  const email = `filled-${Date.now()}@example.com`;
  for (const none of ["No users yet.", "No API keys yet.", "No apps yet."])
    await expect(main.getByText(none)).toBeVisible();

  await main.getByRole("button", { name: "Create user" }).click();
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByRole("button", { name: "Create user" }).click();
  await expect(dialog).toBeHidden();
  await expect(row(email)).toBeVisible();

  await main.getByRole("button", { name: "Create key" }).click();
  await dialog.getByLabel("Name").fill("filled key");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(row("filled key")).toBeVisible();

  await main.getByRole("button", { name: "Create app" }).click();
  await dialog.getByLabel("Name").fill("filled app");
  await dialog.getByRole("button", { name: "Create app" }).click();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(row("filled app")).toBeVisible();

  await main.getByRole("link", { name: "View all API keys" }).click();
  await expect(page).toHaveURL(`/keys?organization=${organization?.id}`);
  const owned = await gate.sql`
    SELECT (SELECT count(*)::int FROM users WHERE organization_id = o.id) AS users,
      (SELECT count(*)::int FROM api_keys WHERE organization_id = o.id) AS keys,
      (SELECT count(*)::int FROM apps WHERE organization_id = o.id) AS apps
    FROM organizations o WHERE id = ${organization?.id}`;
  expect(owned).toEqual([{ users: 1, keys: 1, apps: 1 }]);
});

test("lets several organizations have the same name", async ({ page, gate }) => {
  const name = `Twin ${Date.now()}`;
  await gate.sql`INSERT INTO organizations (name) VALUES (${name})`;
  await signIn(page, "/organizations?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Create organization" }).click();
  await expect(dialog).toBeHidden();
  expect(await gate.sql`SELECT 1 FROM organizations WHERE name = ${name}`).toHaveLength(2);
});

test("rejects requests of a suspended organization until it is resumed, and keeps an organization with users", async ({
  page,
  gate,
}) => {
  const { a } = await seedCast(gate);
  const list = () => clientOf(gate, a.key.secret).models.list();
  await list();
  await signIn(page, `/organizations/${a.id}`);
  const more = (item: string) =>
    page
      .getByRole("button", { name: `More actions for ${a.name}` })
      .click()
      .then(() => page.getByRole("menuitem", { name: item }).click());
  await more("Suspend");
  await page.getByRole("alertdialog").getByRole("button", { name: "Suspend organization" }).click();
  await expect(page.getByRole("main")).toContainText("This organization is suspended");
  await expect(async () => {
    await expect(list()).rejects.toThrow(OpenAI.PermissionDeniedError);
  }).toPass();
  await more("Resume");
  await page.getByRole("alertdialog").getByRole("button", { name: "Resume organization" }).click();
  await expect(page.getByRole("main")).not.toContainText("This organization is suspended");
  await expect(async () => void (await list())).toPass();

  await more("Delete");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading")).toHaveText(`“${a.name}” has 3 users`);
  await expect(dialog.getByRole("button", { name: /^Delete/ })).toHaveCount(0);
  await dialog.getByRole("link", { name: "View users" }).click();
  await expect(page).toHaveURL(`/users?organization=${a.id}`);
  await expect(page.getByRole("row")).toHaveCount(4);
});

test("lets an organization admin rename their own organization only, and bound its keys", async ({
  page,
  gate,
}) => {
  const { a, b } = await seedCast(gate);
  await signIn(page, "/", { email: a.orgAdmin.email });
  expect(await navigationLinks(page)).not.toContain("Organizations");
  await page.getByRole("link", { name: "Organization", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(a.name);
  // Its users and its key, each below the names of the columns, and its app.
  await expect(page.getByRole("row")).toHaveCount(4 + 2);
  await expect(page.getByRole("button", { name: `More actions for ${a.name}` })).toHaveCount(0);
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Budget (USD)")).toHaveCount(0);
  await dialog.getByLabel("Name").fill(`${a.name} renamed`);
  await dialog.getByLabel("Keys per person").fill("2");
  await dialog.getByLabel("Days until they expire").fill("30");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`${a.name} renamed`);
  const [stored] = await gate.sql`SELECT member_keys FROM organizations WHERE id = ${a.id}`;
  expect(stored).toEqual({ member_keys: { max: 2, max_days: 30 } });

  await page.goto("/organizations");
  await expect(page.getByRole("button", { name: "Create organization" })).toHaveCount(0);
  await expect(page.getByRole("row")).toHaveCount(2);
  const other = await page.goto(`/organizations/${b.id}`);
  expect(other?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
});

test("shows the page to viewers without actions, and hides it from members", async ({
  page,
  browser,
  gate,
}) => {
  const { a } = await seedCast(gate);
  await signIn(page, `/organizations/${a.id}`, { email: a.viewer.email });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(a.name);
  await expect(page.getByRole("main").getByRole("button", { name: /Edit|Rename|More/ })).toHaveCount(0);
  await elsewhere(browser, async (members) => {
    await signIn(members, `${gate.url}/`, { email: a.member.email });
    const links = ["Organization", "Organizations", "Users", "Apps"];
    await expectHidden(members, links, [`${gate.url}/organizations/${a.id}`, `${gate.url}/organizations`]);
  });
});
