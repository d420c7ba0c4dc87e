import OpenAI from "openai";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { choose, clientOf, elsewhere, sayHello, signIn, signInOnPage } from "./portal-page";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

test("creates a user with a password and a payment date, who can sign in", async ({
  page,
  browser,
  gate,
}) => {
  const { a } = await seedCast(gate);
  const email = `browser-${Date.now()}@example.com`;
  await signIn(page, "/users?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create user" }).click();
  await expect(dialog.getByLabel("E-mail")).toHaveAccessibleDescription(
    /^Enter an e-mail address or an external ID\./,
  );
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByLabel("Name").fill("Browser Person");
  await choose(page, dialog.getByLabel("Organization"), a.name);
  await dialog.getByLabel("External ID").fill("person-7");
  await dialog.getByLabel("Password").fill("a password of eight");
  await dialog.getByLabel("Payment valid until").fill("2030-01-31");
  await dialog.getByRole("button", { name: "+1 month" }).click();
  await expect(dialog.getByLabel("Payment valid until")).toHaveValue("2030-02-28");
  await dialog.getByLabel("Budget (USD)").fill("5");
  await dialog.getByRole("button", { name: "Create user" }).click();
  await expect(dialog).toBeHidden();

  await page.getByRole("searchbox").fill(email);
  const row = page.getByRole("row").filter({ hasText: email });
  await expect(row).toContainText("Active until 28 Feb 2030");
  await expect(row).toContainText("$0.00 of $5.00 a month");

  await elsewhere(browser, async (theirs) => {
    await signInOnPage(theirs, `${gate.url}/`, { email, password: "a password of eight" });
    await theirs.getByRole("link", { name: "My account" }).click();
    await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("Browser Person");
    await expect(theirs.getByRole("main")).toContainText("Active until 28 Feb 2030");
    // Actions that members may not take are hidden.
    await expect(theirs.getByRole("main").getByRole("button", { name: /Edit|More|Extend|Sync/ })).toHaveCount(
      0,
    );
    await theirs.goto(`${gate.url}/users`);
    await expect(theirs).toHaveURL(/\/users\/[0-9a-f-]{36}$/);
    expect((await theirs.goto(`${gate.url}/users/${a.orgAdmin.id}`))?.status()).toBe(404);
  });
});

test("extends an expired payment, which takes effect immediately", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await gate.sql`UPDATE users SET payment_valid_until = ${day(-3)}, payment_status = 'active' WHERE id = ${a.member.id}`;
  const list = () => clientOf(gate, a.key.secret).models.list();
  await expect(list()).rejects.toThrow(OpenAI.PermissionDeniedError);
  await signIn(page, `/users?organization=${a.id}`);
  await choose(page, page.getByLabel("Payment"), "Expired");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: /member-of-a/ }).click();
  await expect(page.getByRole("main")).toContainText("Requests are rejected.");

  await page.getByRole("button", { name: "Extend" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Payment valid until")).toHaveValue(day(-3));
  await dialog.getByRole("button", { name: "+1 year" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("main")).toContainText(/Active until/);
  await expect(async () => void (await list())).toPass();
  const [row] =
    await gate.sql`SELECT payment_valid_until::text AS until FROM users WHERE id = ${a.member.id}`;
  expect(row?.until.slice(0, 4)).toBe(String(new Date().getUTCFullYear() + 1));

  await page.getByRole("button", { name: "Extend" }).click();
  await dialog.getByRole("button", { name: "No date" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("main")).toContainText("Payment does not expire.");
});

test("syncs expiry for one user and for all, and shows the result", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const expire = () =>
    gate.sql`UPDATE users SET payment_valid_until = ${day(-1)}, payment_status = 'active' WHERE id = ${a.viewer.id}`;
  const storedStatus = async () =>
    (await gate.sql`SELECT payment_status AS status FROM users WHERE id = ${a.viewer.id}`)[0]?.status;
  await expire();
  await signIn(page, `/users/${a.viewer.id}`, { email: a.orgAdmin.email });
  await page.getByRole("button", { name: "Sync" }).click();
  await expect(page.getByText(`Synced: expired on ${day(-1)}.`).first()).toBeVisible();
  expect(await storedStatus()).toBe("expired");
  await expire();
  await page.goto("/users");
  await page.getByRole("button", { name: "Sync expiry" }).click();
  await expect(page.getByText("1 payment checked, 1 newly expired.").first()).toBeVisible();
  expect(await storedStatus()).toBe("expired");
});

test("resets usage with a reason that the ledger keeps", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await sayHello(gate, clientOf(gate, a.key.secret));
  await signIn(page, `/users/${a.member.id}`);
  await expect(page.getByRole("main")).toContainText("Spent this month");
  await page.getByRole("button", { name: "More actions for member-of-a" }).click();
  await page.getByRole("menuitem", { name: "Reset usage" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("an outage of ours");
  await dialog.getByRole("button", { name: "Reset usage" }).click();
  await expect(dialog).toBeHidden();
  const [row] = await gate.sql`SELECT reason, cost_usd < 0 AS refund, adjusted_by FROM ledger
    WHERE user_id = ${a.member.id} AND status = 'adjustment'`;
  expect(row).toMatchObject({ reason: "an outage of ours", refund: true });
  const [bucket] =
    await gate.sql`SELECT spent_usd::float8 AS spent FROM counters WHERE scope_id = ${a.member.id}`;
  expect(bucket?.spent).toBe(0);
});

test("edits a user, and deletes them with their keys", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, `/users/${a.member.id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Edited Person");
  await dialog.getByLabel("E-mail").fill(a.viewer.email);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByLabel("E-mail")).toHaveAccessibleDescription(/already/);
  await dialog.getByLabel("E-mail").fill(a.member.email);
  await choose(page, dialog.getByLabel("Role"), /^Viewer/);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Edited Person");
  await expect(page.getByRole("main")).toContainText("key of a");
  await page.getByRole("link", { name: "View all keys" }).click();
  await expect(page).toHaveURL(`/keys?user=${a.member.id}`);
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: "Edited Person : show all" }).click();
  await expect(page).toHaveURL("/keys");
  await page.goto(`/users/${a.member.id}`);

  await page.getByRole("button", { name: "More actions for Edited Person" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete user" }).click();
  await expect(page).toHaveURL("/users");
  await expect(clientOf(gate, a.key.secret).models.list()).rejects.toThrow(OpenAI.AuthenticationError);
});

test("keeps organization admins from creating administrators and seeing other organizations' users", async ({
  page,
  gate,
}) => {
  const { a, b } = await seedCast(gate);
  await signIn(page, "/users", { email: a.orgAdmin.email });
  await expect(page.getByRole("row")).toHaveCount(4);
  expect(await page.content()).not.toContain(b.member.email);
  expect((await page.goto(`/users/${b.member.id}`))?.status()).toBe(404);
  await page.goto("/users?new=true");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Organization")).toHaveCount(0);
  await dialog.getByLabel("Role").click();
  await expect(page.getByRole("option")).toHaveCount(3);
  await expect(page.getByRole("option", { name: "Administrator" })).toHaveCount(0);
  // Users cannot delete themselves.
  await page.goto(`/users/${a.orgAdmin.id}`);
  await page.getByRole("button", { name: /^More actions for/ }).click();
  await expect(page.getByRole("menuitem")).toHaveText(["Reset usage"]);
});

test("shows users to viewers without actions", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/users", { email: a.viewer.email });
  await expect(page.getByRole("row")).toHaveCount(4);
  await expect(page.getByRole("button", { name: /Create user|Sync/ })).toHaveCount(0);
  await page.getByRole("link", { name: /member-of-a/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(
    page.getByRole("main").getByRole("button", { name: /Edit|More|Extend|Sync|Revoke/ }),
  ).toHaveCount(0);
});

test("opens a user by the id that another system has for them, and asks which one if several have it", async ({
  page,
  gate,
}) => {
  const { a, b } = await seedCast(gate);
  const id = `emp 17/${Date.now()}%`;
  await gate.sql`UPDATE users SET external_id = ${id} WHERE id = ${a.member.id}`;
  const address = `/users/external_id:${encodeURIComponent(id)}`;
  await signIn(page, address);
  await expect(page).toHaveURL(`${gate.url}/users/${a.member.id}`);
  await gate.sql`UPDATE users SET external_id = ${id} WHERE id = ${b.member.id}`;
  await page.goto(`${gate.url}${address}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Choose a user");
  await page.getByRole("main").getByRole("link", { name: b.name }).click();
  await expect(page).toHaveURL(`${gate.url}/users/${b.member.id}`);
  expect((await page.goto(`${gate.url}${address}-unknown`))?.status()).toBe(404);
});
