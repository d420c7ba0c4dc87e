import OpenAI from "openai";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { appClientOf, choose, elsewhere, expectHidden, sayHello, signIn } from "./portal-page";

test("creates an app, shows its secret once, then rotates, disables and deletes it", async ({
  page,
  gate,
}) => {
  const { a } = await seedCast(gate);
  const externalId = `helpdesk-${Date.now()}`;
  await gate.sql`UPDATE users SET external_id = 'person-1' WHERE id = ${a.member.id}`;
  await signIn(page, "/apps?new=true", { email: a.orgAdmin.email });
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Helpdesk");
  await dialog.getByLabel("External ID").fill(externalId);
  await dialog.getByLabel("Budget (USD)").fill("3");
  await dialog.getByRole("button", { name: "Create app" }).click();
  await expect(dialog.getByRole("heading", { name: "App created" })).toBeVisible();
  const secret = await dialog.getByLabel("Your secret").inputValue();
  for (const language of ["curl", "Node", "Python"]) {
    await dialog.getByRole("tab", { name: language }).click();
    const snippet = dialog.getByRole("region", { name: `${language} snippet` });
    for (const part of [gate.v1, "x-gateway-secret", secret, "x-app-id", externalId, "x-user-oid"]) {
      await expect(snippet).toContainText(part);
    }
  }
  await page.keyboard.press("Escape");
  await expect(dialog.getByLabel("Your secret")).toBeVisible();

  // Like the Node snippet.
  const ask = (gatewaySecret: string) => {
    const app = { "x-gateway-secret": gatewaySecret, "x-app-id": externalId };
    return sayHello(gate, appClientOf(gate, app, "person-1"));
  };
  await ask(secret);
  const [row] = await gate.sql`SELECT l.user_id, a.name FROM ledger l JOIN apps a ON a.id = l.app_id
    WHERE a.external_id = ${externalId}`;
  expect(row).toEqual({ user_id: a.member.id, name: "Helpdesk" });

  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  expect(await page.content()).not.toContain(secret);
  await page.getByRole("link", { name: "Helpdesk" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Helpdesk");
  await expect(page.getByRole("main")).toContainText("of $3.00");

  const more = async (item: string) => {
    await page.getByRole("button", { name: "More actions for Helpdesk" }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await more("Rotate secret");
  await choose(page, dialog.getByLabel("Old secret expires"), "In 1 hour");
  await dialog.getByRole("button", { name: "Rotate secret" }).click();
  const second = await dialog.getByLabel("Your secret").inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("main")).toContainText("The previous secret works until");
  await ask(secret);
  await ask(second);

  await more("Disable");
  await page.getByRole("alertdialog").getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Disabled", { exact: true })).toBeVisible();
  await expect(ask(second)).rejects.toThrow(OpenAI.AuthenticationError);
  await more("Enable");
  await page.getByRole("alertdialog").getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("Disabled", { exact: true })).toBeHidden();
  await ask(second);

  await more("Delete");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete app" }).click();
  await expect(page).toHaveURL("/apps");
  await expect(page.getByRole("heading", { name: "No apps yet" })).toBeVisible();
  await expect(ask(second)).rejects.toThrow(OpenAI.AuthenticationError);
});

test("edits an app's models and external id", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const [app] = await gate.sql`INSERT INTO apps (name, organization_id, secret_hash)
    VALUES ('to edit', ${a.id}, sha256(random()::text::bytea)) RETURNING id`;
  const taken = `taken-${Date.now()}`;
  await gate.sql`INSERT INTO apps (name, organization_id, external_id, secret_hash)
    VALUES ('another', ${a.id}, ${taken}, sha256(random()::text::bytea))`;
  await signIn(page, `/apps/${app?.id}`);
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("External ID").fill(taken);
  await dialog.getByRole("radio", { name: /Selected models/ }).click();
  await dialog.getByLabel(gate.model("instant"), { exact: true }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByLabel("External ID")).toHaveAccessibleDescription(/Another app/);
  await dialog.getByLabel("External ID").fill(`${taken}-not`);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const [row] = await gate.sql`SELECT external_id, allowed_models FROM apps WHERE id = ${app?.id}`;
  expect(row).toEqual({ external_id: `${taken}-not`, allowed_models: [gate.model("instant")] });
});

test("shows apps to viewers without actions, and hides them from members", async ({
  page,
  browser,
  gate,
}) => {
  const { a, b } = await seedCast(gate);
  const [mine, theirs] = await gate.sql`INSERT INTO apps (name, organization_id, secret_hash)
    VALUES ('mine', ${a.id}, sha256(random()::text::bytea)), ('theirs', ${b.id}, sha256(random()::text::bytea))
    RETURNING id`;
  await signIn(page, "/apps", { email: a.viewer.email });
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("button", { name: "Create app" })).toHaveCount(0);
  await page.goto(`/apps/${mine?.id}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("mine");
  await expect(page.getByRole("main").getByRole("button", { name: /Edit|More/ })).toHaveCount(0);
  expect((await page.goto(`/apps/${theirs?.id}`))?.status()).toBe(404);

  await elsewhere(browser, async (members) => {
    await signIn(members, `${gate.url}/`, { email: a.member.email });
    await expectHidden(members, ["Apps"], [`${gate.url}/apps`]);
  });
});
