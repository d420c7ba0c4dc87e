import { expect, test } from "../fixtures";
import { sendRequests, seriousViolations, sidewaysPx, signIn } from "./portal-page";

const NARROW = { width: 390, height: 844 };

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious on any page, ${colorScheme}`, async ({ page, gate }) => {
    const [id] = await sendRequests(gate, "instant");
    await page.emulateMedia({ colorScheme });
    await page.goto("/sign-in");
    expect(await seriousViolations(page)).toEqual([]);
    await signIn(page);
    for (const path of ["/", "/requests", `/requests/${id}`, "/keys", "/nothing-here"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await seriousViolations(page), path).toEqual([]);
    }
    await page.goto("/keys?new=true");
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeVisible();
    expect(await seriousViolations(page), "the form for a new key").toEqual([]);
    await dialog.getByLabel("Name").fill(`axe ${colorScheme}`);
    await dialog.getByRole("button", { name: "Create key" }).click();
    await expect(dialog.getByLabel("Your key")).toBeVisible();
    expect(await seriousViolations(page), "a new key").toEqual([]);
  });
}

test("on a narrow screen nothing is cut off, and the navigation is behind a button", async ({
  page,
  gate,
}) => {
  const [id] = await sendRequests(gate, "instant");
  await page.setViewportSize(NARROW);
  await page.goto("/sign-in");
  expect(await sidewaysPx(page)).toBeLessThanOrEqual(0);
  await signIn(page);
  for (const path of ["/", "/requests", `/requests/${id}`, "/keys", "/keys?new=true"]) {
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

test("the first Tab leads past the navigation", async ({ page }) => {
  await signIn(page);
  await page.reload();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});
