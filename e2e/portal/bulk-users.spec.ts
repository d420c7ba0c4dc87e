import { seedCast } from "../admin-api/cast";
import { expect, type Gate, test } from "../fixtures";
import { chooseAction, signIn } from "./portal-page";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** Adds members whose payment ends in three days. */
const addMembers = (gate: Gate, organizationId: string, most: number) =>
  gate.sql`INSERT INTO users (email, name, role, organization_id, payment_valid_until, payment_status)
    SELECT 'bulk-' || gen_random_uuid() || '@example.com', 'Bulk ' || n, 'member', ${organizationId},
      ${day(3)}::date, 'active' FROM generate_series(1, ${most}::int) n`;

const datesIn = async (gate: Gate, organizationId: string) =>
  (
    await gate.sql`SELECT payment_valid_until::text AS until, count(*)::int AS users FROM users
      WHERE organization_id = ${organizationId} AND name LIKE 'Bulk %' GROUP BY 1 ORDER BY 1`
  ).map(({ until, users }) => [until, users]);

test("extends the payment of twenty users in at most eight clicks from the overview", async ({
  page,
  gate,
}) => {
  const { a } = await seedCast(gate);
  await addMembers(gate, a.id, 20);
  await signIn(page, "/", { email: a.orgAdmin.email });
  let clicks = 0;
  const click = async (locator: ReturnType<typeof page.getByRole>) => {
    await locator.click();
    clicks++;
  };
  await click(page.getByRole("link", { name: "Users", exact: true }));
  await click(page.getByRole("combobox", { name: "Payment" }));
  await click(page.getByRole("option", { name: "Ends within 7 days" }));
  await expect(page.getByRole("row")).toHaveCount(21);
  await click(page.getByRole("checkbox", { name: "Select all users on this page" }));
  await expect(page.getByText("20 selected")).toBeVisible();
  await click(page.getByRole("button", { name: "Extend payment" }));
  const dialog = page.getByRole("dialog");
  await click(dialog.getByRole("button", { name: "Preview" }));
  await expect(dialog.getByRole("region", { name: "Changes" }).getByRole("listitem")).toHaveCount(20);
  expect(await datesIn(gate, a.id)).toEqual([[day(3), 20]]);
  await click(dialog.getByRole("button", { name: "Extend 20 users" }));
  await expect(dialog.getByRole("heading", { name: "20 users changed" })).toBeVisible();
  await click(dialog.getByRole("button", { name: "Done" }));
  await expect(dialog).toBeHidden();
  expect(clicks).toBeLessThanOrEqual(8);
  expect(await datesIn(gate, a.id)).toEqual([[day(33), 20]]);
  await expect(page.getByRole("heading", { name: "No results" })).toBeVisible();
});

test("selects all users that match the filter, beyond the page", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await addMembers(gate, a.id, 60);
  await signIn(page, `/users?organization=${a.id}&payment=ends_7`);
  await page.getByRole("checkbox", { name: "Select all users on this page" }).check();
  await expect(page.getByText("50 selected")).toBeVisible();
  await page.getByRole("button", { name: "Select all 60 that match" }).click();
  await expect(page.getByText("All 60 selected")).toBeVisible();
  await chooseAction(page, "the selected users", "Set budget");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Budget (USD)").fill("many");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByLabel("Budget (USD)")).toHaveAccessibleDescription(/Enter US dollars/);
  await dialog.getByLabel("Budget (USD)").fill("5");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("region", { name: "Changes" })).toContainText("$5.00 a month");
  await dialog.getByRole("button", { name: "Back" }).click();
  await expect(dialog.getByLabel("Budget (USD)")).toHaveValue("5");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await dialog.getByRole("button", { name: "Change 60 users" }).click();
  await expect(dialog.getByRole("heading", { name: "60 users changed" })).toBeVisible();
  const [row] = await gate.sql`SELECT count(*)::int AS users FROM users
    WHERE organization_id = ${a.id} AND budget_limit_usd = 5`;
  expect(row?.users).toBe(60);
});

test("shows from what to what a role, a payment and keys change, and which user cannot be", async ({
  page,
  gate,
}) => {
  const { a } = await seedCast(gate);
  await gate.sql`UPDATE users SET payment_valid_until = ${day(3)} WHERE id = ${a.member.id}`;
  await signIn(page, "/users?role=member", { email: a.orgAdmin.email });
  const dialog = page.getByRole("dialog");
  const preview = async (action: string) => {
    await page.getByRole("checkbox", { name: "Select member-of-a" }).check();
    await expect(page.getByRole("checkbox", { name: "Select all users on this page" })).toBeChecked();
    await chooseAction(page, "the selected users", action);
    await dialog.getByRole("button", { name: "Preview" }).click();
  };
  await preview("Change role");
  await expect(dialog.getByRole("alert")).toHaveText("Nothing to change: the user has this already.");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await preview("End payment");
  await expect(dialog.getByRole("region", { name: "Changes" })).toContainText("member-of-a");
  await dialog.getByRole("button", { name: "End payment of 1 user" }).click();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("row").filter({ hasText: "member-of-a" })).toContainText("Expired");
  await preview("Revoke keys");
  await expect(dialog.getByRole("region", { name: "Changes" })).toContainText("1 key revoked");
  await dialog.getByRole("button", { name: "Revoke keys of 1 user" }).click();
  await expect(dialog.getByRole("heading", { name: "1 user changed" })).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();
  const [key] = await gate.sql`SELECT revoked_at IS NOT NULL AS revoked FROM api_keys WHERE id = ${a.key.id}`;
  expect(key?.revoked).toBe(true);

  // Above the actor's own role: the row has no checkbox.
  await gate.sql`UPDATE users SET role = 'admin' WHERE id = ${a.viewer.id}`;
  await page.goto("/users?role=admin");
  await expect(page.getByRole("row").filter({ hasText: a.viewer.email })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: /^Select viewer/ })).toHaveCount(0);
});

test("offers no selection to viewers", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/users", { email: a.viewer.email });
  await expect(page.getByRole("row")).toHaveCount(4);
  await expect(page.getByRole("checkbox")).toHaveCount(0);
});
