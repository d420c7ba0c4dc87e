import type { Page } from "@playwright/test";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { hydrated, seriousViolations, signIn } from "./portal-page";

const field = (page: Page) => page.getByRole("dialog").getByRole("combobox", { name: "Search" });
const option = (page: Page, name: RegExp) => page.getByRole("dialog").getByRole("option", { name });

async function open(page: Page): Promise<void> {
  await hydrated(page.getByRole("button", { name: "Search" }).first());
  await page.keyboard.press("Control+k");
  await expect(field(page)).toBeFocused();
}

test("opens pages, people, ids and forms with the keyboard alone", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page);
  await open(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await seriousViolations(page)).toEqual([]);
  }
  await page.keyboard.type("audit");
  await expect(option(page, /^Audit log/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await open(page);
  await page.keyboard.type(a.member.email);
  await expect(option(page, /^member-of-a/)).toBeVisible();
  await expect(page.getByText("Pages", { exact: true }), "no heading without items").toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/users/${a.member.id}`);

  await open(page);
  await page.keyboard.type(a.key.id);
  await expect(option(page, /^key of a/)).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/keys/${a.key.id}`);

  await open(page);
  await page.keyboard.type("create org");
  await expect(option(page, /Create organization/)).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await option(page, /Create organization/).click();
  await expect(page.getByRole("dialog", { name: "Create organization" })).toBeVisible();
});

test("searches requests for what has no name", async ({ page }) => {
  await signIn(page);
  await open(page);
  await page.keyboard.type("session-of-nothing");
  await expect(page.getByRole("dialog").getByText("Nothing has this name or ID")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/requests?q=session-of-nothing");
});

test("finds for others what they may see, and offers what they may do", async ({ page, gate }) => {
  const { a, b } = await seedCast(gate);
  await signIn(page, "/", { email: a.viewer.email });
  await open(page);
  await expect(option(page, /^Create/)).toHaveCount(0);
  await page.keyboard.type(b.key.id);
  await expect(page.getByRole("dialog").getByText("Nothing has this name or ID")).toBeVisible();
});

test("lists its keys by a question mark, but not while someone types one", async ({ page }) => {
  await signIn(page, "/users");
  await hydrated(page.getByRole("searchbox"));
  await page.getByRole("searchbox").press("?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("searchbox").blur();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("is behind a button on a narrow screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page);
  const button = page.getByRole("banner").getByRole("button", { name: "Search" });
  await hydrated(button);
  await button.click();
  await expect(field(page)).toBeFocused();
});
