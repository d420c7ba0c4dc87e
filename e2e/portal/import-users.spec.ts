import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { signIn } from "./portal-page";

test("imports users from a file, once no row is wrong", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const email = `ada-${Date.now()}@csv.example`;
  const added = async () =>
    (
      await gate.sql`SELECT name, payment_valid_until::text AS until FROM users WHERE email LIKE ${`%${email}`} ORDER BY name`
    ).map((row) => ({ ...row }));
  await signIn(page, "/users", { email: a.orgAdmin.email });
  await page.getByRole("button", { name: "Import CSV" }).click();
  const dialog = page.getByRole("dialog");
  const preview = dialog.getByRole("button", { name: "Preview" });
  await preview.click();
  await expect(dialog.getByLabel("CSV", { exact: true })).toHaveAccessibleDescription(
    /Choose a file, or paste its text/,
  );

  const text = (date: string) =>
    `email,name,payment_valid_until\n${email},Ada,2030-01-31\n2-${email},Bea,${date}\n${a.member.email},,\n`;
  await dialog
    .getByLabel("CSV file")
    .setInputFiles({ name: "users.csv", mimeType: "text/csv", buffer: Buffer.from(text("31.1.2030")) });
  await expect(dialog.getByText("users.csv")).toBeVisible();
  await expect(dialog.getByLabel("CSV", { exact: true })).toHaveValue(text("31.1.2030"));
  await preview.click();
  await expect(dialog.getByRole("alert")).toContainText("1 row is wrong, so nothing is imported.");
  const rows = dialog.getByRole("region", { name: "Rows" }).getByRole("listitem");
  await expect(rows).toHaveText([
    /^Row 2Beapayment_valid_until: Enter a date/,
    /^Row 1Ada.*New/,
    /^Row 3.*Unchanged/,
  ]);
  await expect(dialog.getByRole("button", { name: /^Import/ })).toHaveCount(0);
  await dialog.getByRole("button", { name: "Back" }).click();
  expect(await added()).toEqual([]);

  await dialog.getByLabel("CSV", { exact: true }).fill(text("2030-02-28"));
  await preview.click();
  await expect(dialog).toContainText("2 new, 0 updated, 1 unchanged, 0 wrong.");
  expect(await added()).toEqual([]);
  await dialog.getByRole("button", { name: "Import 2 users" }).click();
  await expect(dialog.getByRole("heading", { name: "Users imported" })).toBeVisible();
  await expect(dialog).toContainText("2 created, 0 updated, 1 unchanged.");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("row").filter({ hasText: email })).toHaveCount(2);
  expect(await added()).toEqual([
    { name: "Ada", until: "2030-01-31" },
    { name: "Bea", until: "2030-02-28" },
  ]);
});

test("imports nothing if a row has become wrong since the preview", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const id = `raced-${Date.now()}`;
  const email = `${id}@csv.example`;
  await signIn(page, "/users", { email: a.orgAdmin.email });
  await page.getByRole("button", { name: "Import CSV" }).click();
  const dialog = page.getByRole("dialog");
  await dialog
    .getByLabel("CSV", { exact: true })
    .fill(`external_id,email\n${id}-1,1-${email}\n${id}-2,2-${email}`);
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("button", { name: "Import 2 users" })).toBeVisible();
  await gate.sql`INSERT INTO users (email, role, organization_id) VALUES (${`2-${email}`}, 'member', ${a.id})`;
  await dialog.getByRole("button", { name: "Import 2 users" }).click();
  await expect(dialog.getByRole("region", { name: "Rows" })).toContainText(
    "already exists in the organization",
  );
  const [row] = await gate.sql`SELECT count(*)::int AS users FROM users WHERE email LIKE ${`%${email}`}`;
  expect(row?.users).toBe(1);
});

test("rejects a text that is too long at its field", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/users", { email: a.orgAdmin.email });
  await page.getByRole("button", { name: "Import CSV" }).click();
  const dialog = page.getByRole("dialog");
  const csv = dialog.getByLabel("CSV", { exact: true });
  await csv.fill(`name\n${"x".repeat(120_000)}`);
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(csv).toHaveAccessibleDescription(/At most 120000 characters at once/);
  await csv.fill("email,password\na@b.example,secret");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(csv).toHaveAccessibleDescription(/Unknown column "password"/);
});

test("imports into the organization that the list is filtered by, unless another is chosen", async ({
  page,
  gate,
}) => {
  const { b } = await seedCast(gate);
  const email = `filtered-${Date.now()}@csv.example`;
  await signIn(page, `/users?organization=${b.id}`);
  await page.getByRole("button", { name: "Import CSV" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Organization", { exact: true })).toHaveText(b.name);
  await dialog.getByLabel("CSV", { exact: true }).fill(`email\n${email}`);
  await dialog.getByRole("button", { name: "Preview" }).click();
  await dialog.getByRole("button", { name: "Import 1 user" }).click();
  await expect(dialog.getByRole("heading", { name: "Users imported" })).toBeVisible();
  const [row] = await gate.sql`SELECT organization_id FROM users WHERE email = ${email}`;
  expect(row?.organization_id).toBe(b.id);
});
