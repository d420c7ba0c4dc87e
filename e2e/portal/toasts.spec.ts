import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { hydrated, seriousViolations, signIn } from "./portal-page";

/** Longer than what tells of a success is shown. */
const LONGER_MS = 5_500;
/** A value that looks like a key: the search sends it away to be found. */
const UNKNOWN = "sk-unknown-Abc123Def456Ghi789";

async function pasteUnknownKey(page: Page): Promise<void> {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), UNKNOWN);
  await page.getByRole("searchbox").focus();
  await page.keyboard.press("Control+V");
  await expect(page.getByRole("searchbox")).toHaveValue("");
}

test("keeps an error until it is dismissed, by keyboard too, and shows the same one once", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, "/keys");
  await hydrated(page.getByRole("searchbox"));
  const alert = page.getByRole("alert").filter({ hasText: "No API key that you can see has this value." });
  await pasteUnknownKey(page);
  await expect(alert).toBeVisible();
  await pasteUnknownKey(page);
  await expect(alert).toHaveCount(1);
  await sleep(LONGER_MS);
  await expect(alert).toBeVisible();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await seriousViolations(page)).toEqual([]);
  }
  await page.getByRole("button", { name: "Dismiss" }).focus();
  await page.keyboard.press("Enter");
  await expect(alert).toHaveCount(0);
});

test("tells of a success for some seconds", async ({ page, gate }) => {
  const name = `Renamed ${Date.now()}`;
  const [organization] = await gate.sql`INSERT INTO organizations (name) VALUES (${name}) RETURNING id`;
  await signIn(page, `/organizations/${organization?.id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  const said = page.getByRole("listitem").filter({ hasText: /saved|updated/i });
  await expect(said).toBeVisible();
  await expect(said).toHaveCount(0, { timeout: LONGER_MS * 2 });
});
