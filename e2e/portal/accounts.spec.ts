import type { Locator, Page } from "@playwright/test";
import { PASSWORD, seedCast } from "../admin-api/cast";
import { expect, type Gate, test } from "../fixtures";
import { elsewhere, seriousViolations, signIn, signInOnPage } from "./portal-page";

const main = (page: Page) => page.getByRole("main");

/** Opens a menu of a page that may have just loaded, whose script does not listen yet. */
async function openMenu(page: Page, trigger: Locator): Promise<void> {
  await expect(async () => {
    await trigger.click();
    await expect(page.getByRole("menu")).toBeVisible({ timeout: 2000 });
  }).toPass();
}

/** Adds a user whom no one has accepted. */
async function addUser({ sql }: Gate, organizationId: string, email: string): Promise<string> {
  const [user] = await sql`INSERT INTO users (email, name, organization_id)
    VALUES (${email}, ${`Person ${email}`}, ${organizationId}) RETURNING id`;
  return user?.id;
}

/** Confirms the address of a person of the cast, as single sign-on does. */
const confirm = ({ sql }: Gate, email: string) =>
  sql`UPDATE accounts SET email_confirmed_at = now(), home_organization_id = NULL WHERE email = ${email}`;

/** Creates an invite as the signed-in admin, and returns its link. */
async function inviteOn(page: Page, userId: string): Promise<string> {
  await page.goto(`/users/${userId}`);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create link" }).click();
  const link = await dialog.getByLabel("Your invite link").inputValue();
  await expect(dialog.getByRole("button", { name: /Copy/ })).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  return link;
}

test("invites a person, who sets a password in another browser, once", async ({ page, browser, gate }) => {
  const { a } = await seedCast(gate);
  const email = `invited-${Date.now()}@example.com`;
  const id = await addUser(gate, a.id, email);
  await signIn(page, "/", { email: a.orgAdmin.email });
  const link = await inviteOn(page, id);
  expect(await page.content()).not.toContain(link);

  await elsewhere(browser, async (theirs) => {
    await theirs.goto(link);
    await expect(theirs.getByRole("heading", { level: 1 })).toHaveText(`Join ${a.name}`);
    await expect(main(theirs)).toContainText(email);
    expect(await seriousViolations(theirs)).toEqual([]);
    const section = theirs.getByRole("region", { name: "Set a password" });
    await section.getByLabel("New password").fill("toll road 7");
    await section.getByRole("button", { name: "Set password and join" }).click();
    await expect(theirs.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    await expect(theirs.getByRole("button", { name: new RegExp(email) })).toBeVisible();
  });
  await elsewhere(browser, async (late) => {
    await late.goto(link);
    await expect(main(late).getByRole("alert")).toContainText("already used");
    await signInOnPage(late, `${gate.url}/`, { email, password: "toll road 7" });
  });
  await page.reload();
  await expect(page.getByRole("button", { name: "Invite", exact: true })).toHaveCount(0);
  await page.goto(`/audit?subject=${id}`);
  await expect(main(page)).toContainText("accepted the invite of");
});

test("shows the same invite page whether or not the e-mail address has an account", async ({
  page,
  gate,
}) => {
  const { a, b } = await seedCast(gate);
  await signIn(page, "/", { email: b.orgAdmin.email });
  const known = a.member.email;
  const unknown = known.replace("member", "nobody");
  const shown: string[] = [];
  for (const email of [known, unknown]) {
    const link = await inviteOn(page, await addUser(gate, b.id, email));
    const html = await (await page.request.get(link)).text();
    expect(html).toContain(email);
    const token = link.slice(link.lastIndexOf("/") + 1);
    shown.push(
      html
        .replaceAll(token, "TOKEN")
        .replaceAll(email, "EMAIL")
        // Next and the policy of scripts differ for each response.
        .replaceAll(/nonce(\\?"?[:=]\\?")[^"\\]+/g, "nonce$1NONCE")
        .replaceAll(/"b":"[^"]+"/g, ""),
    );
  }
  expect(shown[0]).toBe(shown[1]);
});

test("joins a second organization by signing in, and switches between the two", async ({
  page,
  browser,
  gate,
}) => {
  const { a, b } = await seedCast(gate);
  await confirm(gate, a.member.email);
  const id = await addUser(gate, b.id, `other-${Date.now()}@example.com`);
  await signIn(page, "/", { email: b.orgAdmin.email });
  const link = await inviteOn(page, id);

  await elsewhere(browser, async (theirs) => {
    await theirs.goto(link);
    const section = theirs.getByRole("region", { name: "Use your account" });
    await section.getByLabel("E-mail").fill(a.member.email);
    await section.getByLabel("Password").fill("not the password");
    await section.getByRole("button", { name: "Sign in and join" }).click();
    await expect(main(theirs).getByRole("alert")).toHaveText("Wrong e-mail or password.");
    await section.getByLabel("Password").fill(PASSWORD);
    await section.getByRole("button", { name: "Sign in and join" }).click();
    await expect(theirs.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();

    const switcher = theirs.getByRole("button", { name: /^Organization:/ });
    await expect(switcher).toHaveAccessibleName(`Organization: ${b.name}`);
    await openMenu(theirs, switcher);
    await theirs.getByRole("menuitem", { name: a.name }).click();
    await expect(switcher).toHaveAccessibleName(`Organization: ${a.name}`);
    expect(await seriousViolations(theirs)).toEqual([]);
    await theirs.goto(`${gate.url}/keys`);
    await expect(main(theirs)).toContainText("key of a");
    expect((await theirs.goto(`${gate.url}/users/${id}`))?.status()).toBe(404);
  });
  // The next sign-in goes to the one that was used last.
  await elsewhere(browser, async (again) => {
    await signInOnPage(again, `${gate.url}/`, { email: a.member.email });
    await expect(again.getByRole("button", { name: /^Organization:/ })).toHaveAccessibleName(
      `Organization: ${a.name}`,
    );
  });
  await page.goto("/");
  await expect(page.getByRole("button", { name: /^Organization:/ })).toHaveCount(0);
});

test("lists a person's sessions, and ends one and all others from another browser", async ({
  page,
  browser,
  gate,
}) => {
  const { a } = await seedCast(gate);
  const person = { email: a.viewer.email };
  await signInOnPage(page, "/", person);
  await openMenu(page, page.getByRole("button", { name: /viewer-of-a/ }));
  await page.getByRole("menuitem", { name: "Account" }).click();
  await expect(page).toHaveURL("/account");
  const rows = main(page).getByRole("row");
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText("Chrome");
  await expect(rows.nth(1)).toContainText("127.0.0.1");
  await expect(rows.nth(1)).toContainText("This session");
  expect(await seriousViolations(page)).toEqual([]);

  await elsewhere(browser, async (second) => {
    const isEndedBy = async (button: string | RegExp, confirm: string) => {
      await signInOnPage(second, `${gate.url}/keys`, person);
      await page.reload();
      await expect(rows).toHaveCount(3);
      await main(page).getByRole("button", { name: button }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: confirm }).click();
      await expect(rows).toHaveCount(2);
      await second.goto(`${gate.url}/keys`);
      await expect(second.getByRole("heading", { name: "Sign in" })).toBeVisible();
    };
    await isEndedBy(/^End Chrome/, "End session");
    await isEndedBy("End all other sessions", "End sessions");
  });
  await page.goto("/keys");
  await expect(page.getByRole("heading", { name: "API keys", level: 1 })).toBeVisible();
});

test("changes one's own name and password, ending other sessions", async ({ page, browser, gate }) => {
  const { a } = await seedCast(gate);
  const { email } = a.member;
  await signInOnPage(page, "/account", { email });
  await page.getByRole("button", { name: "Edit name" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("A New Name");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Name changed.").first()).toBeVisible();
  await expect(page.getByRole("button", { name: /^A New Name/ })).toBeVisible();
  await expect(main(page)).toContainText(a.name);

  await elsewhere(browser, async (second) => {
    await signInOnPage(second, `${gate.url}/keys`, { email });
    await page.getByRole("button", { name: "Change password" }).click();
    const send = dialog.getByRole("button", { name: "Change password" });
    await dialog.getByLabel("Current password").fill("not the password");
    await dialog.getByLabel("New password").fill("toll road 9");
    await send.click();
    await expect(dialog.getByLabel("Current password")).toHaveAccessibleDescription("Wrong password.");
    await expect(dialog.getByLabel("Current password")).toBeFocused();
    await expect(dialog.getByLabel("New password")).toHaveValue("toll road 9");
    await dialog.getByLabel("Current password").fill(PASSWORD);
    await send.click();
    await expect(page.getByText("Password changed.").first()).toBeVisible();
    await second.reload();
    await expect(second.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await signInOnPage(second, `${gate.url}/`, { email, password: "toll road 9" });
    await expect(second.getByRole("button", { name: /^A New Name/ })).toBeVisible();
  });
  await page.reload();
  await expect(page.getByRole("heading", { name: "Account", level: 1 })).toBeVisible();
});

test("lets an organization's admin end a member's session", async ({ page, browser, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/", { email: a.orgAdmin.email });
  await elsewhere(browser, async (theirs) => {
    await signIn(theirs, `${gate.url}/keys`, { email: a.member.email });
    await page.goto(`/users/${a.member.id}`);
    await page.getByRole("button", { name: "End all sessions" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "End sessions" }).click();
    await expect(main(page)).toContainText("Not signed in anywhere.");
    await theirs.reload();
    await expect(theirs.getByRole("heading", { name: "Sign in" })).toBeVisible();
  });
});

test("signing out kills a copied cookie", async ({ page, browser, gate }) => {
  const { a } = await seedCast(gate);
  await signInOnPage(page, "/keys", { email: a.member.email });
  const copied = await page.context().cookies();
  await elsewhere(browser, async (thief) => {
    await thief.context().addCookies(copied);
    await thief.goto(`${gate.url}/keys`);
    await expect(thief.getByRole("heading", { name: "API keys", level: 1 })).toBeVisible();
    await openMenu(page, page.getByRole("button", { name: /member-of-a/ }));
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await thief.context().addCookies(copied);
    await thief.goto(`${gate.url}/keys`);
    await expect(thief.getByRole("heading", { name: "Sign in" })).toBeVisible();
    expect((await thief.request.get(`${gate.url}/api/admin/v1/users`)).status()).toBe(401);
  });
});
