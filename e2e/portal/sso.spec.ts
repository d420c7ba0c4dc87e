import type { Page } from "@playwright/test";
import { secretHasher } from "#lib/auth/api-key";
import { newLinkToken } from "#lib/auth/link-token";
import { adminEmail, adminPassword, test as base, expect, type Gate } from "../fixtures";
import { type LocalIssuer, startLocalIssuer } from "../issuer/local-issuer";
import { startReplica } from "../replica";
import { seriousViolations } from "./portal-page";

const JOINED_ORGANIZATION = "Users from the issuer";

type Sso = { url: string; issuer: LocalIssuer };

type Settings = { emailInIdToken: boolean; more: Record<string, string> };

/** Starts a portal with single sign-on and its issuer, and stops both after `use`. */
async function withSso(gate: Gate, settings: Settings, use: (sso: Sso) => Promise<void>): Promise<void> {
  const issuers: LocalIssuer[] = [];
  const server = await startReplica("portal", gate, async (url) => {
    const redirectUri = `${url}/api/auth/callback/oidc`;
    const issuer = await startLocalIssuer({ redirectUri, emailInIdToken: settings.emailInIdToken });
    issuers.push(issuer);
    return {
      OIDC_ISSUER: issuer.url,
      OIDC_CLIENT_ID: issuer.clientId,
      OIDC_CLIENT_SECRET: issuer.clientSecret,
      ...settings.more,
    };
  });
  for (const issuer of issuers) await use({ url: server.url, issuer });
  await server.stop();
  for (const issuer of issuers) await issuer.stop();
}

const test = base.extend<object, { existingUsersOnly: Sso; creatingUsers: Sso }>({
  existingUsersOnly: [
    ({ gate }, use) => withSso(gate, { emailInIdToken: false, more: {} }, use),
    { scope: "worker", timeout: 60_000 },
  ],
  creatingUsers: [
    async ({ gate }, use) => {
      await gate.sql`INSERT INTO organizations (name) VALUES (${JOINED_ORGANIZATION}) ON CONFLICT DO NOTHING`;
      const more = { OIDC_NEW_USERS: "create", OIDC_ORGANIZATION: JOINED_ORGANIZATION };
      await withSso(gate, { emailInIdToken: true, more }, use);
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

const problem = (page: Page) => page.getByRole("main").getByRole("alert");

const accountsOf = (gate: Gate, email: string) =>
  gate.sql`SELECT oidc_issuer, oidc_subject, password_hash FROM accounts WHERE lower(email) = ${email}`;

/** A person at the issuer with a verified e-mail address, and a user here. Returns the user's id. */
async function personWithUser(
  gate: Gate,
  { issuer }: Sso,
  account: string,
  user: { email: string; name: string },
) {
  issuer.people.set(account, { email: `${account}@issuer.test`, email_verified: true });
  const [row] = await gate.sql`INSERT INTO users (email, name, role, organization_id)
    VALUES (${user.email}, ${user.name}, 'viewer', ${gate.seeded.ids.organization}) RETURNING id`;
  return row?.id;
}

/** Signs in through the issuer's page with one of its accounts. */
async function signInAs(page: Page, { url, issuer }: Sso, account: string, path = "/"): Promise<void> {
  await page.goto(url + path);
  await page.getByRole("button", { name: "Continue with single sign-on" }).click();
  await page.waitForURL(`${issuer.url}/**`);
  await page.getByLabel("Account").fill(account);
  await page.getByRole("button", { name: "Sign in there" }).click();
  await page.waitForURL(`${url}/**`);
}

test("rejects a new user if users are not created automatically", async ({
  page,
  gate,
  existingUsersOnly,
}) => {
  existingUsersOnly.issuer.people.set("newton", { email: "newton@issuer.test", email_verified: true });
  await signInAs(page, existingUsersOnly, "newton");
  await expect(problem(page)).toHaveText(
    "You do not have an account yet. Ask your administrator to create one.",
  );
  expect(await gate.sql`SELECT 1 FROM users WHERE email = 'newton@issuer.test'`).toHaveLength(0);
  await page.goto(`${existingUsersOnly.url}/keys`);
  await expect(page).toHaveURL(`${existingUsersOnly.url}/sign-in?from=%2Fkeys`);
});

test("links a known e-mail address once, then identifies the user by issuer and subject", async ({
  page,
  gate,
  existingUsersOnly,
}) => {
  const grace = { email: "Grace@Issuer.test", name: "Grace Hopper" };
  const id = await personWithUser(gate, existingUsersOnly, "grace", grace);
  const { issuer, url } = existingUsersOnly;
  await signInAs(page, existingUsersOnly, "grace", "/requests?status=held");
  await expect(page).toHaveURL(`${url}/requests?status=held`);
  await expect(page.getByRole("button", { name: /Grace Hopper/ })).toBeVisible();
  expect(await accountsOf(gate, "grace@issuer.test")).toEqual([
    { oidc_issuer: issuer.url, oidc_subject: "grace", password_hash: null },
  ]);
  const audited = () =>
    gate.sql`SELECT action, actor_id FROM audit_log
      WHERE subject_id = ${id} AND action <> 'user.sign_in' ORDER BY id`;
  expect(await audited()).toEqual([{ action: "user.link", actor_id: "system" }]);

  await page.context().clearCookies();
  issuer.people.set("grace", { email: "grace@elsewhere.test", email_verified: false });
  await signInAs(page, existingUsersOnly, "grace");
  await expect(page.getByRole("button", { name: /Grace Hopper/ })).toBeVisible();
  expect(await audited()).toHaveLength(1);
});

test("stays in the portal after single sign-on, whatever page the address asks for", async ({
  page,
  gate,
  existingUsersOnly,
}) => {
  const lise = { email: "lise@issuer.test", name: "Lise Meitner" };
  await personWithUser(gate, existingUsersOnly, "lise", lise);
  const { url } = existingUsersOnly;
  for (const from of ["/..//evil.example/phish", "/\\evil.example"]) {
    await signInAs(page, existingUsersOnly, "lise", `/sign-in?from=${encodeURIComponent(from)}`);
    await expect(page.getByRole("button", { name: /Lise Meitner/ })).toBeVisible();
    expect(new URL(page.url()).origin).toBe(url);
    await page.context().clearCookies();
  }
});

test("rejects an unverified e-mail address", async ({ page, gate, existingUsersOnly }) => {
  existingUsersOnly.issuer.people.set("mallory", { email: adminEmail, email_verified: false });
  await signInAs(page, existingUsersOnly, "mallory");
  await expect(problem(page)).toContainText("Your e-mail address is not verified");
  expect(await accountsOf(gate, adminEmail)).toMatchObject([{ oidc_subject: null }]);
  expect((await page.request.get(`${existingUsersOnly.url}/api/auth/session`)).ok()).toBe(true);
  expect(await (await page.request.get(`${existingUsersOnly.url}/api/auth/session`)).json()).toEqual({});
});

test("still lets the administrator sign in by password", async ({ page, existingUsersOnly }) => {
  await page.goto(`${existingUsersOnly.url}/sign-in`);
  await page.getByLabel("E-mail").fill(adminEmail);
  await page.getByLabel("Password").fill(adminPassword);
  await page.getByLabel("Password").press("Enter");
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
});

test("returns to the sign-in page after a cancellation at the issuer", async ({
  page,
  existingUsersOnly,
}) => {
  await page.goto(`${existingUsersOnly.url}/keys`);
  await page.getByRole("button", { name: "Continue with single sign-on" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(problem(page)).toHaveText("Single sign-on failed. Please try again.");
  await page.getByLabel("E-mail").fill(adminEmail);
  await page.getByLabel("Password").fill(adminPassword);
  await page.getByLabel("Password").press("Enter");
  await expect(page).toHaveURL(`${existingUsersOnly.url}/keys`);
});

test("shows that the issuer is unavailable, with password sign-in still possible", async ({
  page,
  existingUsersOnly,
}) => {
  existingUsersOnly.issuer.isDown = true;
  await page.goto(`${existingUsersOnly.url}/sign-in`);
  await page.getByRole("button", { name: "Continue with single sign-on" }).click();
  await expect(problem(page)).toHaveText(
    "Single sign-on is unavailable. Please try again, or use your password.",
  );
  existingUsersOnly.issuer.isDown = false;
  expect(await seriousViolations(page)).toEqual([]);
});

for (const [what, only] of [
  ["an issuer that says to be another", undefined],
  ["an ID token of another issuer", "/token"],
] as const) {
  test(`rejects ${what}`, async ({ page, gate, existingUsersOnly }) => {
    const { issuer } = existingUsersOnly;
    issuer.people.set("liar", { email: adminEmail, email_verified: true });
    issuer.lie = { issuer: "https://login.example.com", only };
    await signInAs(page, existingUsersOnly, "liar");
    issuer.lie = null;
    await expect(problem(page)).toHaveText("Single sign-on failed. Please try again.");
    expect(await gate.sql`SELECT FROM accounts WHERE oidc_subject = 'liar'`).toHaveLength(0);
  });
}

test("rejects an issuer's response that this browser did not request", async ({
  page,
  existingUsersOnly,
}) => {
  const { url, issuer } = existingUsersOnly;
  issuer.people.set("grace", { email: "grace@issuer.test", email_verified: true });
  await page.goto(`${url}/sign-in`);
  await page.getByRole("button", { name: "Continue with single sign-on" }).click();
  await page.getByLabel("Account").fill("grace");
  const answered = page.waitForRequest((request) =>
    request.url().startsWith(`${url}/api/auth/callback/oidc`),
  );
  await page.route(`${url}/api/auth/callback/oidc**`, (route) => route.abort());
  await page.getByRole("button", { name: "Sign in there" }).click();
  const stolen = (await answered).url();
  await page.unroute(`${url}/api/auth/callback/oidc**`);
  // Another browser, whose user got this link from an attacker.
  await page.context().clearCookies();
  await page.goto(stolen);
  await expect(problem(page)).toHaveText("Single sign-on failed. Please try again.");
  expect(await (await page.request.get(`${url}/api/auth/session`)).json()).toEqual({});
});

test("creates a member for a new user, until they are unlinked", async ({ page, gate, creatingUsers }) => {
  const { issuer, url } = creatingUsers;
  issuer.people.set("ada", { email: "ada@issuer.test", email_verified: true, name: "Ada Lovelace" });
  await signInAs(page, creatingUsers, "ada");
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  await expect(page.getByRole("button", { name: /Ada Lovelace/ })).toBeVisible();
  const [user] = await gate.sql`SELECT u.id, u.role, u.account_id, o.name AS organization
    FROM users u JOIN organizations o ON o.id = u.organization_id WHERE u.email = 'ada@issuer.test'`;
  expect(user).toMatchObject({
    role: "member",
    organization: JOINED_ORGANIZATION,
  });
  expect(await accountsOf(gate, "ada@issuer.test")).toEqual([
    { oidc_issuer: issuer.url, oidc_subject: "ada", password_hash: null },
  ]);
  expect(
    await gate.sql`SELECT action, actor_id FROM audit_log WHERE subject_id = ${user?.id} ORDER BY id`,
  ).toEqual([
    { action: "user.create", actor_id: "system" },
    { action: "user.sign_in", actor_id: user?.id },
  ]);
  await gate.sql`UPDATE users SET account_id = NULL WHERE id = ${user?.id}`;
  await page.goto(`${url}/keys`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("accepts an invite with the account at the issuer, which has another address", async ({
  page,
  gate,
  existingUsersOnly,
}) => {
  const hedy = { email: "hedy@work.test", name: "Hedy Lamarr" };
  const id = await personWithUser(gate, existingUsersOnly, "hedy", hedy);
  const { issuer, url } = existingUsersOnly;
  const token = newLinkToken();
  const hash = secretHasher(gate.encryptionKey)(token);
  await gate.sql`INSERT INTO invites (user_id, token_hash, expires_at)
    VALUES (${id}, ${hash}, now() + interval '1 hour')`;
  // Without the invite's page no one is let in.
  await signInAs(page, existingUsersOnly, "hedy");
  await expect(problem(page)).toContainText("You do not have an account yet.");

  // The issuer forgets its own session, too.
  await page.context().clearCookies();
  await signInAs(page, existingUsersOnly, "hedy", `/invite/${token}`);
  await expect(page.getByRole("button", { name: /Hedy Lamarr/ })).toBeVisible();
  expect(await accountsOf(gate, "hedy@issuer.test")).toEqual([
    { oidc_issuer: issuer.url, oidc_subject: "hedy", password_hash: null },
  ]);
  await page.goto(`${url}/invite/${token}`);
  await expect(page.getByRole("main").getByRole("alert")).toContainText("already used");
});
