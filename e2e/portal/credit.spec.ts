import type { Page } from "@playwright/test";
import { exactUsd, totalUsd } from "#components/format/usd";
import { seedCast } from "../admin-api/cast";
import { expect, type Gate, test } from "../fixtures";
import { askAdminApi, chooseAction, clientOf, sayHello, signIn } from "./portal-page";

const BUDGET = { limit_usd: "5", period: "month" };

const remaining = async (gate: Gate, path: string): Promise<string> =>
  (await askAdminApi(gate, `${path}/usage`)).budget.remaining_usd;

/** Expects the page to show a balance to the cent, and every digit of it on hover. */
async function expectBalance(page: Page, usd: string): Promise<void> {
  const shown = page.getByText("Remaining", { exact: true }).locator("xpath=following-sibling::dd/span");
  await expect(shown).toHaveText(totalUsd(usd));
  if (totalUsd(usd) !== exactUsd(usd)) await expect(shown).toHaveAttribute("data-tip", exactUsd(usd));
}

for (const whose of ["an organization", "a user", "a key"] as const) {
  test(`adds credit to and refunds the budget of ${whose}, as the API has it`, async ({ page, gate }) => {
    const { a } = await seedCast(gate);
    const { path, portal, name } = {
      "an organization": { path: `/organizations/${a.id}`, portal: `/organizations/${a.id}`, name: a.name },
      "a user": { path: `/users/${a.member.id}`, portal: `/users/${a.member.id}`, name: "member-of-a" },
      "a key": { path: `/api-keys/${a.key.id}`, portal: `/keys/${a.key.id}`, name: "key of a" },
    }[whose];
    await signIn(page, portal);
    await page.getByRole("button", { name: `More actions for ${name}` }).click();
    await expect(page.getByRole("menuitem", { name: /Add credit|Refund/ }), "without a budget").toHaveCount(
      0,
    );
    await askAdminApi(gate, path, "PATCH", { budget: BUDGET });
    // Its cost has more digits than a balance is shown with.
    await sayHello(gate, clientOf(gate, a.key.secret));
    await page.goto(portal);
    const before = await remaining(gate, path);
    expect(before).not.toBe("5");
    await expectBalance(page, before);

    await chooseAction(page, name, "Add credit");
    const dialog = page.getByRole("dialog");
    const amount = dialog.getByLabel("Amount (USD)");
    const add = dialog.getByRole("button", { name: "Add credit" });
    await expect(amount).toBeFocused();
    for (const wrong of ["", "a lot", "-3"]) {
      await amount.fill(wrong);
      await add.click();
      await expect(amount).toHaveAccessibleDescription("Enter US dollars, like 20 or 12.50.");
      await expect(amount).toHaveValue(wrong);
    }
    await amount.fill("0");
    await add.click();
    await expect(dialog.getByLabel("Reason")).toHaveAccessibleDescription(/^Enter a reason\./);
    await dialog.getByLabel("Reason").fill("Invoice 17");
    await add.click();
    await expect(amount).toHaveAccessibleDescription("Enter an amount other than zero.");
    await amount.fill("20.000000000001");
    await add.click();
    // At once: a toast is there for a few seconds.
    const added = await page
      .getByText(/^Credit added\./)
      .first()
      .textContent();
    await expect(dialog).toBeHidden();
    const credited = await remaining(gate, path);
    expect(Number(credited)).toBeGreaterThan(24.9);
    expect(added).toBe(`Credit added. The balance is ${totalUsd(credited)}.`);
    await expectBalance(page, credited);

    await chooseAction(page, name, "Refund");
    await dialog.getByLabel("Amount (USD)").fill("1.25");
    await dialog.getByLabel("Reason").fill("Outage on Monday");
    await dialog.getByRole("button", { name: "Refund" }).click();
    const given = await page
      .getByText(/^Refunded\./)
      .first()
      .textContent();
    await expect(dialog).toBeHidden();
    const refunded = await remaining(gate, path);
    expect(given).toBe(`Refunded. The balance is ${totalUsd(refunded)}.`);
    await expectBalance(page, refunded);
    await page.reload();
    await expectBalance(page, refunded);
    const rows = await gate.sql`SELECT cost_usd::text AS usd, reason FROM ledger
      WHERE organization_id = ${a.id} AND status = 'adjustment' ORDER BY created_at`;
    expect(rows).toEqual([
      { usd: "-20.000000000001", reason: "Invoice 17" },
      { usd: "-1.250000000000", reason: "Outage on Monday" },
    ]);
  });
}

test("offers credit to administrators of the installation only", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await askAdminApi(gate, `/users/${a.member.id}`, "PATCH", { budget: BUDGET });
  await askAdminApi(gate, `/api-keys/${a.key.id}`, "PATCH", { budget: BUDGET });
  await signIn(page, `/users/${a.member.id}`, { email: a.orgAdmin.email });
  for (const [path, name] of [
    [`/users/${a.member.id}`, "member-of-a"],
    [`/keys/${a.key.id}`, "key of a"],
  ]) {
    await page.goto(`${path}`);
    await page
      .getByRole("main")
      .getByRole("button", { name: `More actions for ${name}` })
      .first()
      .click();
    await expect(page.getByRole("menuitem").first()).toBeVisible();
    await expect(page.getByRole("menuitem", { name: /Add credit|Refund/ })).toHaveCount(0);
    await page.keyboard.press("Escape");
  }
});
