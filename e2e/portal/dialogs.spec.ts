import type { Locator, Page } from "@playwright/test";
import { expect, type Gate, test } from "../fixtures";
import { addWebhook, choose, elsewhere, hydrated, quietOf, signIn, signInOnPage } from "./portal-page";

/** Each opens in seconds, also where the machine is busy. */
const ALL_DIALOGS_MS = 600_000;

type Entities = Record<"organization" | "user" | "app" | "provider" | "model" | "webhook", string>;

type DialogCase = {
  path: (ids: Entities) => string;
  /** The button that opens the dialog or its menu. */
  trigger: RegExp;
  /** The entry of the menu, if the trigger opens one. */
  item?: string;
  /** Enters something; left out for a confirmation, which has no input. */
  enter?: (page: Page, dialog: Locator) => Promise<void>;
};

const typeName = (_page: Page, dialog: Locator) => dialog.getByRole("textbox").first().fill("half-fi");
const chooseGrace = (page: Page, dialog: Locator) =>
  choose(page, dialog.getByRole("combobox").first(), "In 7 days");
const chooseDate = (_page: Page, dialog: Locator) => dialog.getByLabel(/until/).first().fill("2031-05-06");

/** Every dialog of the portal. */
const DIALOGS: Record<string, DialogCase> = {
  "create key": { path: () => "/keys", trigger: /^Create key$/, enter: typeName },
  "edit key": {
    path: () => "/keys?q=of+the+dialogs",
    trigger: /^More actions for/,
    item: "Edit",
    enter: typeName,
  },
  "rotate key": {
    path: () => "/keys?q=of+the+dialogs",
    trigger: /^More actions for/,
    item: "Rotate",
    enter: chooseGrace,
  },
  "revoke key": { path: () => "/keys?q=of+the+dialogs", trigger: /^Revoke/ },
  "edit key on its user's page": {
    path: ({ user }) => `/users/${user}`,
    trigger: /^More actions for Key of the dialogs/,
    item: "Edit",
    enter: typeName,
  },
  "create organization": { path: () => "/organizations", trigger: /^Create organization$/, enter: typeName },
  "edit organization": {
    path: ({ organization }) => `/organizations/${organization}`,
    trigger: /^Edit$/,
    enter: typeName,
  },
  "suspend organization": {
    path: ({ organization }) => `/organizations/${organization}`,
    trigger: /^More actions for/,
    item: "Suspend",
  },
  "keep an organization with users": {
    path: ({ organization }) => `/organizations/${organization}`,
    trigger: /^More actions for/,
    item: "Delete",
  },
  "create user": { path: () => "/users", trigger: /^Create user$/, enter: typeName },
  "edit user": {
    path: ({ user }) => `/users/${user}`,
    trigger: /^More actions for User of the dialogs$/,
    item: "Edit",
    enter: typeName,
  },
  "invite user": { path: ({ user }) => `/users/${user}`, trigger: /^Invite$/ },
  "edit one's own name": { path: () => "/account", trigger: /^Edit name$/, enter: typeName },
  "change one's own password": {
    path: () => "/account",
    trigger: /^Change password$/,
    enter: (_page, dialog) => dialog.getByLabel("New password").fill("typed"),
  },
  "end session": { path: () => "/account", trigger: /^End (?!all)/ },
  "end all other sessions": { path: () => "/account", trigger: /^End all other sessions$/ },
  "extend payment": { path: ({ user }) => `/users/${user}`, trigger: /^Extend$/, enter: chooseDate },
  "reset usage": {
    path: ({ user }) => `/users/${user}`,
    trigger: /^More actions for User of the dialogs$/,
    item: "Reset usage",
    enter: typeName,
  },
  "delete user": {
    path: ({ user }) => `/users/${user}`,
    trigger: /^More actions for User of the dialogs$/,
    item: "Delete",
  },
  "create app": { path: () => "/apps", trigger: /^Create app$/, enter: typeName },
  "edit app": { path: ({ app }) => `/apps/${app}`, trigger: /^Edit$/, enter: typeName },
  "rotate an app's secret": {
    path: ({ app }) => `/apps/${app}`,
    trigger: /^More actions for/,
    item: "Rotate secret",
    enter: chooseGrace,
  },
  "disable app": { path: ({ app }) => `/apps/${app}`, trigger: /^More actions for/, item: "Disable" },
  "delete app": { path: ({ app }) => `/apps/${app}`, trigger: /^More actions for/, item: "Delete" },
  "add provider": { path: () => "/providers", trigger: /^Add provider$/, enter: typeName },
  "edit provider": { path: ({ provider }) => `/providers/${provider}`, trigger: /^Edit$/, enter: typeName },
  "rotate a provider's credential": {
    path: ({ provider }) => `/providers/${provider}`,
    trigger: /^More actions for/,
    item: "Rotate credential",
    enter: (_page, dialog) => dialog.getByLabel("API key").fill("typed"),
  },
  "delete provider": {
    path: ({ provider }) => `/providers/${provider}`,
    trigger: /^More actions for/,
    item: "Delete",
  },
  "create model": { path: () => "/models", trigger: /^Create model$/, enter: typeName },
  "edit model": { path: ({ model }) => `/models/${model}`, trigger: /^Edit$/, enter: typeName },
  "delete model": { path: ({ model }) => `/models/${model}`, trigger: /^More actions for/, item: "Delete" },
  "create token": { path: () => "/tokens", trigger: /^Create token$/, enter: typeName },
  "create webhook": {
    path: () => "/webhooks",
    trigger: /^Create webhook$/,
    enter: (_page, dialog) => dialog.getByLabel("URL").fill("typed"),
  },
  "rotate a webhook's secret": {
    path: ({ webhook }) => `/webhooks/${webhook}`,
    trigger: /^More actions for/,
    item: "Rotate secret",
    enter: chooseGrace,
  },
  "delete webhook": {
    path: ({ webhook }) => `/webhooks/${webhook}`,
    trigger: /^More actions for/,
    item: "Delete",
  },
  "send an event again": { path: ({ webhook }) => `/webhooks/${webhook}`, trigger: /^Send again/ },
  "delete token": { path: () => "/tokens", trigger: /^Delete Token of the dialogs/ },
};

let ids: Entities;
test.beforeAll(async ({ gate, browser }) => {
  ids = await seedEntities(gate);
  // A second session, which the page of sessions can end.
  await elsewhere(browser, (page) => signInOnPage(page));
});

async function seedEntities({ sql, seeded }: Gate): Promise<Entities> {
  const { organization } = seeded.ids;
  const stamp = Date.now();
  const [user] = await sql`INSERT INTO users (email, name, role, organization_id)
    VALUES (${`dialogs-${stamp}@tollgate.test`}, 'User of the dialogs', 'member', ${organization}) RETURNING id`;
  const [app] = await sql`INSERT INTO apps (name, organization_id, secret_hash)
    VALUES ('App of the dialogs', ${organization}, sha256(random()::text::bytea)) RETURNING id`;
  await addKey({ sql, seeded }, "Key of the dialogs", user?.id);
  await addToken({ sql }, "Token of the dialogs");
  const [target] = await sql`SELECT t.model_id, t.provider_id FROM model_targets t
    JOIN providers p ON p.id = t.provider_id WHERE p.type <> 'simulated' LIMIT 1`;
  const { provider_id: provider, model_id: model } = target ?? {};
  const webhook = await addWebhook({ sql });
  return { organization, user: user?.id, app: app?.id, provider, model, webhook };
}

const addKey = ({ sql, seeded }: Pick<Gate, "sql" | "seeded">, name: string, user: string | null = null) =>
  sql`INSERT INTO api_keys (name, organization_id, user_id, key_hash, key_prefix)
    VALUES (${name}, ${seeded.ids.organization}, ${user}, sha256(random()::text::bytea), 'tg_live_dlgs')`;

const addToken = ({ sql }: Pick<Gate, "sql">, name: string) =>
  sql`INSERT INTO admin_tokens (name, role, token_hash, token_prefix, created_by)
    VALUES (${name}, 'admin', sha256(random()::text::bytea), 'tga_d', 'e2e')`;

const anyDialog = (page: Page) => page.getByRole("dialog").or(page.getByRole("alertdialog"));

/** Opens a dialog by keyboard. */
async function open(page: Page, { trigger, item }: DialogCase): Promise<Locator> {
  const button = page.getByRole("button", { name: trigger }).first();
  const dialog = anyDialog(page);
  const menuItem = item === undefined ? null : page.getByRole("menuitem", { name: item, exact: true });
  const shown = menuItem ?? dialog;
  await hydrated(button);
  await button.press("Enter");
  await expect(shown).toBeVisible();
  await menuItem?.press("Enter");
  await expect(dialog).toBeVisible();
  await expect.poll(() => dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  // Radix listens for clicks beside a dialog from the next task on.
  await page.waitForTimeout(50);
  return button;
}

/** Whether the focus is on an element of the page's content, and not lost. */
const focusIsInContent = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest("main") !== null && document.activeElement !== null);

/** What `router.refresh()` and `router.push()` of Next do, as a page's own code calls them. */
const router = (page: Page, method: "refresh" | "push", ...args: string[]) =>
  page.evaluate(
    ([name, values]) => {
      const next: unknown = Reflect.get(window, "next");
      const routes: unknown = typeof next === "object" && next !== null ? Reflect.get(next, "router") : null;
      if (typeof routes !== "object" || routes === null) throw new Error("Next has no router here");
      Reflect.get(routes, name).apply(routes, values);
    },
    [method, args] as const,
  );

test("returns the focus to its trigger, however a dialog is closed", async ({ page }) => {
  test.setTimeout(ALL_DIALOGS_MS);
  await signIn(page);
  for (const [name, dialog] of Object.entries(DIALOGS)) {
    await page.goto(dialog.path(ids));
    let trigger = await open(page, dialog);
    await page.keyboard.press("Escape");
    await expect(anyDialog(page), name).toHaveCount(0);
    await expect(trigger, `${name}, Escape`).toBeFocused();
    trigger = await open(page, dialog);
    await anyDialog(page).getByRole("button", { name: "Cancel" }).click();
    await expect(trigger, `${name}, Cancel`).toBeFocused();
    if (dialog.enter === undefined) continue;
    await open(page, dialog);
    await page.mouse.click(5, 5);
    await expect(anyDialog(page), name).toHaveCount(0);
    await expect(trigger, `${name}, a click beside it`).toBeFocused();
  }
});

test("asks before a half-filled form is discarded", async ({ page }) => {
  test.setTimeout(ALL_DIALOGS_MS);
  await signIn(page);
  const question = page.getByRole("alertdialog", { name: "Discard your changes?" });
  for (const [name, dialog] of Object.entries(DIALOGS)) {
    if (dialog.enter === undefined) continue;
    await page.goto(dialog.path(ids));
    const trigger = await open(page, dialog);
    const form = page.getByRole("dialog");
    await dialog.enter(page, form);
    const focused = () =>
      form.evaluate((element) => {
        const control = document.activeElement;
        if (control === null || control === element || !element.contains(control)) return null;
        return Reflect.get(control, "value") || control.textContent;
      });
    // A list gives the focus back to its field in a later task.
    await expect.poll(focused, { message: `${name}: what was entered has the focus` }).not.toBeNull();
    const entered = await focused();
    await page.mouse.click(5, 5);
    await expect(question, `${name}, a click beside it`).toBeVisible();
    await question.getByRole("button", { name: "Keep editing" }).click();
    await expect(question).toHaveCount(0);
    await expect.poll(focused, { message: `${name} keeps its input and the focus` }).toBe(entered);
    await page.keyboard.press("Escape");
    await expect(question.getByRole("button", { name: "Keep editing" }), `${name}, Escape`).toBeFocused();
    // As in `open`: Radix knows the topmost dialog from a later task on.
    await expect(async () => {
      await page.keyboard.press("Escape");
      await expect(question).toHaveCount(0, { timeout: 2_000 });
    }).toPass();
    await form.getByRole("button", { name: "Close" }).click();
    await question.getByRole("button", { name: "Discard" }).click();
    await expect(anyDialog(page), name).toHaveCount(0);
    await expect(trigger, name).toBeFocused();
  }
});

test("moves the focus to a sensible place if the trigger is gone", async ({ page, gate }) => {
  for (const name of ["Key to revoke", "Key that stays"]) await addKey(gate, name);
  await addToken(gate, "Token to delete");
  await signIn(page, "/keys?status=active&q=Key+t");
  await page.getByRole("button", { name: "Revoke Key to revoke" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByRole("link", { name: "Key to revoke" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Key that stays" })).toBeFocused();

  // The row stays, but not its buttons.
  await page.goto("/keys?q=Key+that+stays");
  await page.getByRole("button", { name: "Revoke Key that stays" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Revoked" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Key that stays" })).toBeFocused();

  await page.goto("/tokens");
  await page.getByRole("button", { name: "Delete Token to delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete token" }).click();
  await expect(page.getByText("Token to delete")).toHaveCount(0);
  await expect.poll(() => focusIsInContent(page)).toBe(true);

  // The page itself is left.
  const [app] = await gate.sql`INSERT INTO apps (name, organization_id, secret_hash)
    VALUES ('App to delete', ${ids.organization}, sha256(random()::text::bytea)) RETURNING id`;
  await page.goto(`/apps/${app?.id}`);
  await page.getByRole("button", { name: "More actions for App to delete" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete app" }).click();
  await expect(page).toHaveURL("/apps");
  await expect.poll(() => focusIsInContent(page)).toBe(true);
});

const SECRETS = {
  "a new key": { ...DIALOGS["create key"], submit: "Create key" },
  "a rotated key": { ...DIALOGS["rotate key"], submit: "Rotate key" },
  "a rotated key on its user's page": {
    ...DIALOGS["edit key on its user's page"],
    item: "Rotate",
    enter: chooseGrace,
    submit: "Rotate key",
  },
  "a new app's secret": { ...DIALOGS["create app"], submit: "Create app" },
  "an app's rotated secret": { ...DIALOGS["rotate an app's secret"], submit: "Rotate secret" },
  "an invite's link": { ...DIALOGS["invite user"], submit: "Create link" },
  "a new token": { ...DIALOGS["create token"], submit: "Create token" },
};

for (const [name, secretCase] of Object.entries(SECRETS)) {
  test(`keeps showing ${name} after a full page load, a refresh and a navigation`, async ({ page }) => {
    const { path, trigger, item, enter, submit } = secretCase;
    if (path === undefined || trigger === undefined) throw new Error(`There is no dialog for ${name}.`);
    await signIn(page);
    await page.goto(path(ids));
    await page.waitForLoadState("networkidle");
    const quiet = quietOf(page);
    const button = await open(page, { path, trigger, item });
    const dialog = page.getByRole("dialog");
    await enter?.(page, dialog);
    await dialog.getByRole("button", { name: submit }).click();
    const secret = dialog.getByLabel(/^Your (key|secret|token|invite link)$/);
    await expect(secret).toBeFocused();
    const value = await secret.inputValue();
    expect(value).toMatch(/^(tg|http)/);
    await quiet();
    await expect(secret).toHaveValue(value);
    await router(page, "refresh");
    await quiet();
    await expect(secret).toHaveValue(value);
    await page.keyboard.press("Escape");
    await page.mouse.click(5, 5);
    await dialog.getByRole("button", { name: "Done" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(button).toBeFocused();
    expect(await page.content()).not.toContain(value);
  });
}

test("keeps showing a rotated key when its row is gone and another page is opened", async ({
  page,
  gate,
}) => {
  await addKey(gate, "Key that goes");
  await signIn(page, "/keys");
  await page.goto("/keys?q=Key+that+goes");
  await open(page, { path: () => "", trigger: /^More actions for Key that goes/, item: "Rotate" });
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Rotate key" }).click();
  const secret = dialog.getByLabel("Your key");
  const value = await secret.inputValue();
  await gate.sql`DELETE FROM api_keys WHERE name = 'Key that goes'`;
  await router(page, "refresh");
  await expect(page.getByText("No API keys match this search.")).toBeAttached();
  await expect(secret).toHaveValue(value);
  await router(page, "push", "/requests");
  await expect(page).toHaveURL("/requests");
  await expect(secret).toHaveValue(value);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => focusIsInContent(page)).toBe(true);
});

test("keeps a half-filled form when the page is refreshed after a full load", async ({ page }) => {
  await signIn(page, "/keys");
  await page.goto("/keys?q=of+the+dialogs");
  const editing = DIALOGS["edit key"];
  if (editing === undefined) throw new Error("There is no dialog for editing a key.");
  await open(page, editing);
  const field = page.getByRole("dialog").getByLabel("Name");
  await field.fill("half-fi");
  const quiet = quietOf(page);
  await router(page, "refresh");
  await quiet();
  await expect(field).toHaveValue("half-fi");
});
