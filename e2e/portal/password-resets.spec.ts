import { decoded, type MailServer, startMailServer } from "#lib/services/mail/testing/start-mail-server";
import { PASSWORD, seedCast } from "../admin-api/cast";
import { test as base, expect, type Gate } from "../fixtures";
import { startReplica } from "../replica";
import { seriousViolations, sidewaysPx, signInOnPage } from "./portal-page";

type Portal = { url: string; mail: MailServer };

/** Starts a portal that sends mail, and stops it after `use`. */
async function withMail(gate: Gate, use: (portal: Portal) => Promise<void>): Promise<void> {
  const mail = await startMailServer();
  const server = await startReplica("portal", gate, () => ({ SMTP_URL: mail.url }));
  await use({ url: server.url, mail });
  await server.stop();
  await mail.close();
}

const test = base.extend<object, { portal: Portal }>({
  portal: [({ gate }, use) => withMail(gate, use), { scope: "worker", timeout: 60_000 }],
});

const NEW_PASSWORD = "a new toll road";

/** The link in the last letter to an address, once it has arrived. */
async function linkTo(mail: MailServer, email: string): Promise<string> {
  const linkIn = () => {
    const letter = mail.delivered.findLast(({ to }) => to === email);
    return /http\S+\/reset-password\/\w+/.exec(decoded(letter?.source))?.[0] ?? "";
  };
  await expect.poll(linkIn, { timeout: 30_000 }).not.toBe("");
  return linkIn();
}

test("sets a new password by a mailed link, with the keyboard alone", async ({ page, gate, portal }) => {
  const { a } = await seedCast(gate);
  const { email } = a.member;
  await page.goto(`${portal.url}/sign-in`);
  await page.getByLabel("Password").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Forgot password?" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Forgot password?");
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription("Enter your e-mail address.");
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status")).toBeFocused();
  await expect(page.getByRole("status")).toContainText(email);
  expect(await seriousViolations(page)).toEqual([]);

  const link = await linkTo(portal.mail, email);
  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("New password");
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByLabel("New password").focus();
  await page.keyboard.type(NEW_PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();

  await page.goto(link);
  await expect(page.getByRole("main").getByRole("alert")).toContainText("already used");
  await expect(page.getByRole("link", { name: "Get a new link" })).toBeVisible();
  await page.context().clearCookies();
  await signInOnPage(page, `${portal.url}/`, { email, password: NEW_PASSWORD });
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
});

test("answers the same for an address that no one has, and says when it was asked too often", async ({
  page,
  gate,
  portal,
}) => {
  const { a } = await seedCast(gate);
  const texts: string[] = [];
  for (const email of [a.viewer.email, "unknown@example.com"]) {
    for (let time = 0; time < 4; time++) {
      await page.goto(`${portal.url}/forgot-password`);
      await page.getByLabel("E-mail").fill(email);
      await page.getByRole("button", { name: "Send link" }).click();
      const answer = page.getByRole("main").getByRole(time < 3 ? "status" : "alert");
      texts.push(((await answer.textContent()) ?? "").replace(email, "EMAIL"));
    }
  }
  expect(texts.slice(0, 4)).toEqual(texts.slice(4));
  expect(texts[3]).toMatch(/^Too many attempts/);
  await signInOnPage(page, `${portal.url}/`, { email: a.viewer.email, password: PASSWORD });
});

test("fits a narrow window, light and dark", async ({ page, portal }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ["/sign-in", "/forgot-password", "/reset-password/unknown"]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(portal.url + path);
      expect(await sidewaysPx(page), path).toBeLessThanOrEqual(0);
      expect(await seriousViolations(page, ["color-contrast"]), `${path} ${colorScheme}`).toEqual([]);
    }
  }
});

test("is not offered without a mail server", async ({ page }) => {
  await page.goto("/sign-in");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Forgot password?" })).toHaveCount(0);
  expect((await page.goto("/forgot-password"))?.status()).toBe(404);
});
