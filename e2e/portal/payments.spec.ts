import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { navigationLinks, signIn } from "./portal-page";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

test("shows whose payment ends and has ended, and links to these users", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const pay = (id: string, offset: number) =>
    gate.sql`UPDATE users SET payment_valid_until = ${day(offset)} WHERE id = ${id}`;
  await pay(a.member.id, 3);
  await pay(a.viewer.id, -2);
  await signIn(page, "/", { email: a.orgAdmin.email });
  await page.getByRole("link", { name: "Payments", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Payments");
  await expect(page.getByRole("main")).toContainText("Last daily sync:");
  const counts = page.getByRole("list", { name: "Payments" });
  await expect(counts.getByRole("listitem")).toHaveText([
    /^Active1/,
    /^Ends within 7 days1/,
    /^Ends within 30 days1/,
    /^Expired1/,
  ]);
  await expect(page.getByRole("region", { name: "Ending soon" }).getByRole("row").nth(1)).toContainText(
    "member-of-a",
  );
  await expect(page.getByRole("region", { name: "Expired" }).getByRole("row").nth(1)).toContainText(
    "viewer-of-a",
  );
  await page.getByRole("button", { name: "Sync expiry" }).click();
  await expect(page.getByText("2 payments checked, 1 newly expired.").first()).toBeVisible();
  await page.getByRole("link", { name: "View all 1" }).first().click();
  await expect(page).toHaveURL("/users?payment=ends_30");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.goBack();
  await counts.getByRole("link", { name: /^Expired/ }).click();
  await expect(page).toHaveURL("/users?payment=expired");
  await expect(page.getByRole("row")).toHaveCount(2);
});

test("shows viewers the payments without actions", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/payments", { email: a.viewer.email });
  await expect(page.getByRole("list", { name: "Payments" })).toBeVisible();
  await expect(page.getByRole("main").getByRole("button")).toHaveCount(0);
});

test("leads members to their own account", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/payments", { email: a.member.email });
  await expect(page).toHaveURL(`/users/${a.member.id}`);
  expect(await navigationLinks(page)).not.toContain("Payments");
});
