import { adminEmail, adminPassword, expect, type Gate, test } from "../fixtures";
import { startReplica } from "../replica";
import { signInOnPage } from "./portal-page";

/** Another administrator with the same password. */
async function copyAdministrator({ sql }: Gate, email: string, name: string): Promise<void> {
  const [account] = await sql`INSERT INTO accounts (email, password_hash)
    SELECT ${email}, password_hash FROM accounts WHERE email = ${adminEmail} RETURNING id`;
  await sql`INSERT INTO users (email, name, role, account_id) VALUES (${email}, ${name}, 'admin', ${account?.id})`;
}

test("redirects to sign-in and back", async ({ page }) => {
  const answer = await page.request.get("/requests?status=held", { maxRedirects: 0 });
  expect(answer.status()).toBe(307);
  expect(answer.headers().location).toBe("/sign-in?from=%2Frequests%3Fstatus%3Dheld");
  await signInOnPage(page, "/requests?status=held");
  await expect(page).toHaveURL("/requests?status=held");
  await expect(page.getByRole("heading", { name: "Requests", level: 1 })).toBeVisible();
});

test("rejects a wrong password and an unknown e-mail with the same message", async ({ page }) => {
  await page.goto("/sign-in");
  for (const [email, password] of [
    [adminEmail, "not the password"],
    ["nobody@tollgate.test", adminPassword],
  ] as const) {
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByLabel("Password").press("Enter");
    await expect(page.getByRole("main").getByRole("alert")).toHaveText("Wrong e-mail or password.");
  }
  await page.goto("/keys");
  await expect(page).toHaveURL("/sign-in?from=%2Fkeys");
});

test("blocks sign-in for a while after five failures, even with the right password", async ({
  page,
  gate,
}) => {
  const email = "forgetful@tollgate.test";
  await copyAdministrator(gate, email, "Forgetful");
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  const attempt = async (password: string) => {
    const answered = page.waitForResponse((answer) => answer.url().includes("/callback/credentials"));
    await page.getByLabel("Password").fill(password);
    await page.getByLabel("Password").press("Enter");
    return answered;
  };
  for (let time = 0; time < 5; time++) expect((await attempt("not the password")).status()).toBe(401);
  const throttled = await attempt(adminPassword);
  expect(throttled.status()).toBe(429);
  expect(Number(throttled.headers()["retry-after"])).toBeGreaterThan(800);
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(
    "Too many attempts. Try again in 15 minutes.",
  );

  await gate.sql`UPDATE sign_in_failures SET window_started_at = window_started_at - interval '15 minutes'`;
  expect((await attempt(adminPassword)).status()).toBe(200);
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
});

test("hides single sign-on if it is not configured", async ({ page }) => {
  await page.goto("/sign-in");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(page.getByRole("button", { name: /single sign-on/ })).toHaveCount(0);
});

test("does not show the address's error text", async ({ page }) => {
  await page.goto("/sign-in?error=Call%20%2B1%20900%20555%200100");
  await expect(page.getByRole("main").getByRole("alert")).toHaveText("Sign-in failed. Please try again.");
});

test("limits bodies of next-auth's routes and disables its log route", async ({ request, baseURL }) => {
  const post = (path: string, data: string, type: string) =>
    request.post(`${baseURL}/api/auth/${path}`, { data, headers: { "content-type": type } });
  const form = "application/x-www-form-urlencoded";
  expect((await post("callback/credentials", "x".repeat(100_000), form)).status()).toBe(413);
  expect((await post("callback/credentials", "{", "application/json")).status()).toBe(400);
  expect((await post("_log", "{}", "application/json")).status()).toBe(404);
});

test("sets Secure cookies behind HTTPS and ignores forwarded hosts", async ({ request, gate }) => {
  const portal = "https://tollgate.example.com";
  const server = await startReplica("portal", gate, () => ({ NEXTAUTH_URL: portal }));
  try {
    const headers = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" };
    const providers = await request.get(`${server.url}/api/auth/providers`, { headers });
    expect(await providers.json()).toMatchObject({
      credentials: { callbackUrl: `${portal}/api/auth/callback/credentials` },
    });
    const csrf = await request.get(`${server.url}/api/auth/csrf?callbackUrl=https://evil.example/`, {
      headers,
    });
    const cookies = csrf.headersArray().filter(({ name }) => name.toLowerCase() === "set-cookie");
    expect(cookies.map(({ value }) => value.split("=")[0]).sort()).toEqual([
      "__Host-next-auth.csrf-token",
      "__Secure-next-auth.callback-url",
    ]);
    for (const { value } of cookies) {
      expect(value).toContain("; Secure");
      expect(value).toContain("; HttpOnly");
      expect(value).not.toContain("evil");
    }
    const signInPage = await request.get(`${server.url}/sign-in`, { headers: { accept: "text/html" } });
    expect(signInPage.headers()["strict-transport-security"]).toBe("max-age=31536000");
  } finally {
    await server.stop();
  }
});

test("shows a missing value at its field and focuses it", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(adminEmail);
  await page.getByRole("button", { name: "Sign in" }).click();
  const password = page.getByLabel("Password");
  await expect(password).toBeFocused();
  await expect(password).toHaveAccessibleDescription("Enter your password.");
  await expect(password).toHaveAttribute("aria-invalid", "true");
});

test("signs in and out by keyboard", async ({ page }) => {
  await page.goto("/sign-in");
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await page.keyboard.type(adminEmail);
  await page.keyboard.press("Tab");
  await page.keyboard.type(adminPassword);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  const account = page
    .getByRole("button", { name: adminEmail })
    .or(page.getByRole("button", { name: /Administrator/ }));
  const signOut = page.getByRole("menuitem", { name: "Sign out" });
  // A key that is pressed before the scripts run opens nothing.
  await expect(async () => {
    if (!(await signOut.isVisible())) await account.press("Enter");
    await expect(signOut).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await signOut.press("Enter");
  await expect(page).toHaveURL("/sign-in");
  await page.goto("/");
  await expect(page).toHaveURL("/sign-in");
});

test("signs a deleted user out on the next request", async ({ page, gate }) => {
  const email = "leaving@tollgate.test";
  await copyAdministrator(gate, email, "Leaving");
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(adminPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  await gate.sql`DELETE FROM users WHERE email = ${email}`;
  await page.getByRole("link", { name: "API keys" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("renders the chosen theme on the server", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await signInOnPage(page);
  await page.getByRole("radio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const html = await (await page.request.get("/")).text();
  expect(html).toMatch(/<html[^>]*data-theme="dark"/);
});
