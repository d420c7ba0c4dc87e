import { expect, test } from "../fixtures";
import { CREATE_FORMS, everyPage, seriousViolations, sidewaysPx, signIn } from "./portal-page";

const NARROW = { width: 390, height: 844 };

/** The rules that depend on colors; the others are checked in light mode only. */
const COLOR_RULES = ["color-contrast", "link-in-text-block"];

for (const colorScheme of ["light", "dark"] as const) {
  test(`has no serious axe violations on any page, ${colorScheme}`, async ({ page, gate }) => {
    test.slow();
    const rules = colorScheme === "dark" ? COLOR_RULES : undefined;
    const paths = await everyPage(gate);
    await page.emulateMedia({ colorScheme });
    await page.goto("/sign-in");
    expect(await seriousViolations(page, rules)).toEqual([]);
    await signIn(page);
    for (const path of [...paths, "/users/nobody", "/nothing-here"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      if (path === "/audit") await page.locator("summary").first().click();
      expect(await seriousViolations(page, rules), path).toEqual([]);
    }
    for (const path of CREATE_FORMS) {
      await page.goto(path);
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await seriousViolations(page, rules), path).toEqual([]);
    }
    await page.goto("/keys?new=true");
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeVisible();
    expect(await seriousViolations(page, rules), "the form for a new key").toEqual([]);
    await dialog.getByLabel("Name").fill(`axe ${colorScheme}`);
    await dialog.getByRole("button", { name: "Create key" }).click();
    await expect(dialog.getByLabel("Your key")).toBeVisible();
    expect(await seriousViolations(page, rules), "a new key").toEqual([]);
  });
}

test("fits narrow screens, with the navigation behind a button", async ({ page, gate }) => {
  test.slow();
  const paths = await everyPage(gate);
  await page.setViewportSize(NARROW);
  await page.goto("/sign-in");
  expect(await sidewaysPx(page)).toBeLessThanOrEqual(0);
  await signIn(page);
  for (const path of [...paths, ...CREATE_FORMS, "/keys?new=true"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 }).or(page.getByRole("dialog")).first()).toBeVisible();
    expect(await sidewaysPx(page), path).toBeLessThanOrEqual(0);
  }
  await page.goto("/");
  await expect(page.getByRole("navigation", { name: "Portal" })).toBeHidden();
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Requests" }).click();
  await expect(page).toHaveURL("/requests");
  await expect(page.getByRole("dialog")).toBeHidden();
  const row = page.getByRole("row").nth(1);
  await expect(row).toContainText(/ago|now/);
  expect(await seriousViolations(page)).toEqual([]);
});

test("offers to skip the navigation with the first Tab", async ({ page }) => {
  await signIn(page);
  await page.reload();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});
