import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { expect, type Gate, test } from "../fixtures";
import { choose, signIn } from "./portal-page";

/** Longer than the pause after which a search applies. */
const SLOW_MS = 800;

/** Creates two organizations with unique names. The newer one is listed first. */
async function twoOrganizations(gate: Gate) {
  const names = ["older", "newer"].map((which) => `Searched ${which} ${Date.now()}`);
  for (const name of names) await gate.sql`INSERT INTO organizations (name) VALUES (${name})`;
  const [older = "", newer = ""] = names;
  return { older, newer };
}

/** Delays the pages of single organizations. */
const slowDetails = (page: Page) =>
  page.route(/\/organizations\/[0-9a-f]{8}-/, async (route) => {
    await sleep(SLOW_MS);
    await route.continue();
  });

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });
const rowOf = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

test("follows a link that is clicked right after typing a search", async ({ page, gate }) => {
  const { newer } = await twoOrganizations(gate);
  await signIn(page, "/organizations");
  await slowDetails(page);
  const link = rowOf(page, newer).getByRole("link").first();
  await expect(link).toBeVisible();
  await page.getByRole("searchbox").fill("Searched");
  await link.click();
  await expect(heading(page, newer)).toBeVisible();
  // The pending search must not run afterwards.
  await sleep(SLOW_MS);
  await expect(page).toHaveURL(/\/organizations\/[0-9a-f-]{36}$/);
});

test("applies a search after a pause, on Enter and on blur", async ({ page, gate }) => {
  const { older, newer } = await twoOrganizations(gate);
  await signIn(page, "/organizations");
  const box = page.getByRole("searchbox");
  await box.fill(older);
  await expect(rowOf(page, newer)).toHaveCount(0);
  await expect(rowOf(page, older)).toBeVisible();
  expect(new URL(page.url()).searchParams.get("q")).toBe(older);

  await box.fill(newer);
  await box.press("Enter");
  expect(new URL(page.url()).searchParams.get("q")).toBe(newer);
  await expect(rowOf(page, newer)).toBeVisible();
  await expect(rowOf(page, older)).toHaveCount(0);

  await box.fill("");
  await box.blur();
  expect(new URL(page.url()).search).toBe("");
  await expect(rowOf(page, older)).toBeVisible();
});

test("applies both a search and a filter chosen right after it, and clears the box", async ({ page }) => {
  await signIn(page, "/users");
  const box = page.getByRole("searchbox");
  await box.fill("nobody of this name");
  await choose(page, page.getByLabel("Role"), "Viewer");
  await expect(page).toHaveURL(/[?&]role=viewer/);
  await expect(page).toHaveURL(/[?&]q=nobody\+of\+this\+name/);
  await page.goBack();
  await expect(page).not.toHaveURL(/role=viewer/);
  await expect(box).toHaveValue("nobody of this name");
  await page.goto("/users");
  await expect(box).toHaveValue("");
});
