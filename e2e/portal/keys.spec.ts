import OpenAI from "openai";
import { expect, test } from "../fixtures";
import { signIn } from "./portal-page";

test("a key is created, shown once, works, is listed, is revoked, and works no more", async ({
  page,
  context,
  gate,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, "/keys");
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("browser test");
  await dialog.getByLabel("Name").press("Enter");

  await expect(dialog.getByRole("heading", { name: "Key created" })).toBeVisible();
  const secret = await dialog.getByLabel("Your key").inputValue();
  expect(secret).toMatch(/^tg_live_[0-9A-Za-z]{38}$/);
  await dialog.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(dialog.getByRole("status").filter({ hasText: "Copied" })).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  for (const language of ["Python", "Node", "curl"]) {
    await dialog.getByRole("tab", { name: language }).click();
    const snippet = dialog.getByRole("region", { name: `${language} snippet` });
    await expect(snippet).toContainText(gate.v1);
    await expect(snippet).toContainText(secret);
  }
  // Neither a stray click nor Escape may lose it.
  await page.keyboard.press("Escape");
  await page.mouse.click(5, 5);
  await expect(dialog.getByLabel("Your key")).toBeVisible();

  const list = () => new OpenAI({ baseURL: gate.v1, apiKey: secret, maxRetries: 0 }).models.list();
  expect((await list()).data.length).toBeGreaterThan(0);

  await dialog.getByRole("button", { name: "I have saved it" }).click();
  await expect(dialog).toBeHidden();
  expect(await page.content()).not.toContain(secret);
  await page.reload();
  expect(await page.content()).not.toContain(secret);
  const row = page.getByRole("row").filter({ hasText: "browser test" });
  await expect(row).toContainText(secret.slice(0, 12));
  await expect(row).toContainText("Active");

  await row.getByRole("button", { name: "Revoke browser test" }).click();
  const confirmation = page.getByRole("alertdialog");
  await expect(confirmation.getByRole("button", { name: "Cancel" })).toBeFocused();
  await confirmation.getByRole("button", { name: "Revoke key" }).click();
  await expect(confirmation).toBeHidden();
  await expect(row).toContainText("Revoked");
  await expect(row.getByRole("button")).toHaveCount(0);
  await expect(list()).rejects.toThrow(OpenAI.AuthenticationError);
});

test("what is wrong with a new key is said next to the field", async ({ page }) => {
  await signIn(page, "/keys?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByLabel("Name")).toHaveAccessibleDescription(/Give the key a name\./);
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("dated");
  await dialog.getByLabel("Expires").click();
  await page.getByRole("option", { name: "On a day…" }).click();
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByText("Give a date.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL("/keys");
});

test("a key can be for one organization's person and some models only", async ({ page, gate }) => {
  await signIn(page, "/keys?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("narrow");
  const belongsTo = dialog.getByLabel("Belongs to");
  const organization = dialog.getByLabel("Organization", { exact: true });
  const [{ name = "" } = {}] =
    await gate.sql`SELECT name FROM organizations WHERE id = ${gate.seeded.ids.organization}`;
  // With one organization alone there is nothing to choose.
  if (await organization.isVisible()) {
    await organization.click();
    await page.getByRole("option", { name }).click();
  }
  await belongsTo.click();
  await page.getByRole("option", { name: gate.seeded.userEmail }).click();
  await dialog.getByRole("radio", { name: /Only some/ }).click();
  await dialog.getByLabel(gate.model("instant"), { exact: true }).check();
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByLabel("Your key")).toBeVisible();
  const [row] = await gate.sql`SELECT user_id, allowed_models FROM api_keys WHERE name = 'narrow'`;
  expect(row).toEqual({ user_id: gate.seeded.ids.user, allowed_models: [gate.model("instant")] });
});

test("keys are found by name", async ({ page }) => {
  await signIn(page, "/keys");
  await page.getByRole("searchbox").fill("no such key");
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  await page.getByRole("searchbox").fill("Key ");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await expect(page).toHaveURL(/q=Key/);
});
