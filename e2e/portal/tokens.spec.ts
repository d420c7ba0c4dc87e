import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { choose, expectHidden, signIn } from "./portal-page";

test("creates a token, shows it once with the CLI's sign-in command, and deletes it", async ({
  page,
  gate,
}) => {
  await signIn(page, "/tokens");
  await page.getByRole("button", { name: "Create token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await expect(dialog.getByLabel("Name")).toHaveAccessibleDescription(/Enter a name\./);
  await dialog.getByLabel("Name").fill("browser laptop");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await expect(dialog.getByRole("heading", { name: "Token created" })).toBeVisible();
  const token = await dialog.getByLabel("Your token").inputValue();
  await expect(dialog.getByRole("region", { name: "Command" })).toHaveText(
    `npx tollgate login --url ${gate.url} --token ${token}`,
  );
  const status = async () =>
    (
      await fetch(`${gate.url}/api/admin/v1/organizations`, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).status;
  expect(await status()).toBe(200);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  expect(await page.content()).not.toContain(token);

  const row = page.getByRole("row").filter({ hasText: "browser laptop" });
  await expect(row).toContainText("Administrator");
  await expect(row).toContainText(/until in 89d|until in 90d|until \d/);
  await row.getByRole("button", { name: "Delete browser laptop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete token" }).click();
  await expect(page.getByRole("alertdialog")).toBeHidden();
  await expect(row).toHaveCount(0);
  expect(await status()).toBe(401);
});

test("creates a token with read access to one organization", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/tokens?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(`reader of ${a.name}`);
  await choose(page, dialog.getByLabel("Role"), /^Viewer/);
  await choose(page, dialog.getByLabel("Organization"), a.name);
  await choose(page, dialog.getByLabel("Expires"), "Never");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await expect(dialog.getByLabel("Your token")).toBeVisible();
  const [row] = await gate.sql`SELECT role, organization_id, expires_at FROM admin_tokens
    WHERE name = ${`reader of ${a.name}`}`;
  expect(row).toEqual({ role: "viewer", organization_id: a.id, expires_at: null });
});

test("lets organization admins create tokens for their own organization only", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/tokens?new=true", { email: a.orgAdmin.email });
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Organization")).toHaveCount(0);
  await dialog.getByLabel("Role").click();
  await expect(page.getByRole("option")).toHaveCount(2);
  await page.getByRole("option", { name: /^Organization admin/ }).click();
  await dialog.getByLabel("Name").fill("own");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await dialog.getByRole("button", { name: "Done" }).click();
  // Two seeded tokens and this one, below the header.
  await expect(page.getByRole("row")).toHaveCount(4);
});

test("hides the page from other roles", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/", { email: a.viewer.email });
  await expectHidden(page, ["Admin tokens"], ["/tokens"]);
});
