import type { Page } from "@playwright/test";
import { adminEmail, adminPassword, expect, test } from "../fixtures";
import { signIn, signInOnPage } from "./portal-page";

/** Texts that a browser, a URL parser or a proxy could read as another host, once or after normalization. */
const CRAFTED = [
  "//evil.example/phish",
  "/\\evil.example",
  "/..//evil.example/phish",
  "/%2e%2e//evil.example",
  "/keys/../..//evil.example",
  "/%5cevil.example",
  "/%2f%2fevil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "https:evil.example",
  "https://user@evil.example",
  " //evil.example",
  "/\uff0f/evil.example",
  "javascript:document.title='evil'",
];

const signInPath = (from: string) => `/sign-in?from=${encodeURIComponent(from)}`;

/** The hosts that the page asked for a document. */
function openedHosts(page: Page): Set<string> {
  const hosts = new Set<string>();
  page.on("request", (request) => {
    if (request.isNavigationRequest()) hosts.add(new URL(request.url()).host);
  });
  return hosts;
}

test("stays in the portal after sign-in, whatever page the address asks for", async ({ page, baseURL }) => {
  const hosts = openedHosts(page);
  for (const from of CRAFTED.slice(0, 4)) {
    await signInOnPage(page, signInPath(from));
    await expect(page.getByRole("navigation", { name: "Portal" })).toBeVisible();
    await page.context().clearCookies();
  }
  expect([...hosts]).toEqual([new URL(baseURL).host]);
});

test("stays in the portal for someone who is signed in already", async ({ page, baseURL }) => {
  test.slow();
  await signIn(page);
  const hosts = openedHosts(page);
  for (const from of CRAFTED) {
    for (const name of ["from", "callbackUrl"]) {
      await page.goto(`/sign-in?${name}=${encodeURIComponent(from)}`);
      // Some are a path that does not exist.
      await expect(page.getByRole("heading", { level: 1 }), from).not.toHaveText("Sign in");
    }
  }
  expect([...hosts]).toEqual([new URL(baseURL).host]);
});

test("lets next-auth redirect to the portal only", async ({ page, baseURL }) => {
  const { request } = page;
  const { origin } = new URL(baseURL);
  const tokenOf = async (callbackUrl: string) => {
    const answer = await request.get(`/api/auth/csrf?callbackUrl=${encodeURIComponent(callbackUrl)}`);
    return (await answer.json()).csrfToken;
  };
  for (const crafted of CRAFTED) {
    const form = { csrfToken: await tokenOf(crafted), callbackUrl: crafted };
    for (const { name, value } of await page.context().cookies()) {
      if (name.includes("callback-url")) expect(new URL(decodeURIComponent(value)).origin).toBe(origin);
    }
    const answers = [
      await request.post("/api/auth/callback/credentials", {
        form: { ...form, email: adminEmail, password: adminPassword },
        maxRedirects: 0,
      }),
      await request.post("/api/auth/signout", { form, maxRedirects: 0 }),
      await request.get(`/api/auth/signin?callbackUrl=${encodeURIComponent(crafted)}`, { maxRedirects: 0 }),
    ];
    for (const answer of answers) {
      const { location } = answer.headers();
      expect(location, `${answer.url()} ${answer.status()}`).toBeDefined();
      const opened = new URL(location ?? "", baseURL);
      expect(opened.origin, crafted).toBe(origin);
      expect(opened.pathname).not.toMatch(/^\/[/\\]/);
    }
  }
});
