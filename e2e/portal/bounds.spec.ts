import type { Page } from "@playwright/test";
import { PermissionDeniedError } from "openai";
import { seedCast } from "../admin-api/cast";
import { expect, type Gate, test } from "../fixtures";
import { clientOf, elsewhere, signIn } from "./portal-page";

const askAs = (gate: Gate, key: string, model: string) =>
  clientOf(gate, key).chat.completions.create({ model, messages: [{ role: "user", content: "Hello" }] });

/** A fact of a detail page, by its label. */
const factOf = (page: Page, label: string) =>
  page
    .getByRole("main")
    .locator("dl > div")
    .filter({ has: page.getByText(label, { exact: true }) });

test("bounds of an organization and a user bind the next request", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const [instant, other] = [gate.model("instant"), gate.model("slow-stream")];
  const ask = (model: string) => askAs(gate, a.key.secret, model);
  await ask(other);
  await signIn(page, `/organizations/${a.id}`);
  const dialog = page.getByRole("dialog");
  const facts = (label: string) => factOf(page, label);
  await expect(facts("Models")).toContainText("All");
  await expect(facts("Keys per person")).toContainText("Any number");

  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByRole("radio", { name: /Selected models/ }).click();
  await dialog.getByLabel(instant, { exact: true }).check();
  await dialog.getByLabel("Addresses of people’s keys").fill("10.0.0.0/8, 127.0.0.1, ::1");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByLabel("Keys per person")).toHaveAccessibleDescription(/whole number/);
  await dialog.getByLabel("Keys per person").fill("2");
  await dialog.getByLabel("Days until they expire").fill("30");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(facts("Models")).toContainText(instant);
  await expect(facts("Keys per person")).toContainText("At most 2");
  await expect(facts("Addresses of people’s keys")).toContainText("10.0.0.0/8, 127.0.0.1, ::1");
  await expect(facts("Lifetime of people’s keys")).toContainText("At most 30 days");
  await expect(ask(other)).rejects.toThrow(PermissionDeniedError);
  await ask(instant);

  await page.goto(`/users/${a.member.id}`);
  await expect(facts("Models")).toContainText(`${instant} (organization)`);
  await expect(facts("Addresses")).toContainText("10.0.0.0/8, 127.0.0.1, ::1 (organization)");
  await expect(facts("Active keys")).toContainText("At most 2 (organization)");
  await expect(facts("Longest lifetime")).toContainText("30 days (organization)");
  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByRole("radio", { name: /Selected models/ }).click();
  await dialog.getByLabel(other, { exact: true }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("group", { name: "Allowed models" })).toHaveAccessibleDescription(
    `The organization's allowed_models does not have ${other}. It allows ${instant}.`,
  );
  await dialog.getByLabel(other, { exact: true }).uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(facts("Models")).toContainText("None (user)");
  await expect(ask(instant)).rejects.toThrow(PermissionDeniedError);
});

test("a member reads the bounds of their keys", async ({ page, browser, gate }) => {
  const { a } = await seedCast(gate);
  const instant = gate.model("instant");
  const other = gate.model("slow-stream");
  const memberKeys = JSON.stringify({ max: 2, allowed_ips: ["127.0.0.1", "::1"], max_days: 45 });
  await gate.sql`UPDATE organizations SET allowed_models = ${[instant, other]},
    member_keys = ${memberKeys}::text::jsonb WHERE id = ${a.id}`;
  await gate.sql`UPDATE users SET allowed_models = ${[instant]} WHERE id = ${a.member.id}`;
  await signIn(page, "/keys?new=true", { email: a.member.email });
  const dialog = page.getByRole("dialog");
  const bounds = dialog.getByRole("list", { name: "Bounds of your keys" });
  await expect(bounds.getByRole("listitem")).toHaveText([
    `Models of your organization: ${instant}, ${other}`,
    `Your models: ${instant}`,
    "Active keys: at most 2",
    "Addresses: 127.0.0.1, ::1",
    "Expires: within 45 days",
  ]);
  await dialog.getByLabel("Name").fill("bounded");
  // The longest lifetime is the default, and no longer one can be chosen.
  await expect(dialog.getByLabel("Expires")).toHaveText("In 45 days");
  await dialog.getByLabel("Expires").click();
  await expect(page.getByRole("option")).toHaveText(["In 7 days", "In 30 days", "In 45 days", "On a date…"]);
  await page.getByRole("option", { name: "In 45 days" }).click();
  await dialog.getByLabel("Allowed IP addresses").fill("0.0.0.0/0");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByLabel("Allowed IP addresses")).toHaveAccessibleDescription(
    /member_keys.allowed_ips does not allow 0.0.0.0\/0. It allows 127.0.0.1, ::1/,
  );
  await dialog.getByLabel("Allowed IP addresses").fill("127.0.0.1");
  await dialog.getByRole("button", { name: "Create key" }).click();
  const secret = await dialog.getByLabel("Your key", { exact: true }).inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  expect((await clientOf(gate, secret).models.list()).data.map(({ id }) => id)).toEqual([instant]);

  await page.getByRole("link", { name: "bounded", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("bounded");
  const facts = (label: string) => factOf(page, label);
  await expect(facts("Models")).toContainText(`${instant}, ${other} (organization)`);
  await expect(facts("Models")).toContainText(`${instant} (user)`);
  await expect(facts("Addresses")).toContainText("127.0.0.1, ::1 (organization)");
  await expect(facts("Addresses")).toContainText("127.0.0.1 (key)");
  await expect(facts("Longest lifetime")).toContainText("45 days (organization)");
  await expect(facts("Expires")).not.toContainText("Never");
  const address = page.url();

  await page.goto("/keys?new=true");
  await dialog.getByLabel("Name").fill("one too many");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog).toContainText("member_keys.max is 2, and this person has 2 other active keys");

  await elsewhere(browser, async (others) => {
    const { b } = await seedCast(gate);
    await signIn(others, `${gate.url}/`, { email: b.orgAdmin.email });
    expect((await others.goto(address))?.status()).toBe(404);
  });
});

test("a key's page has its usage and its actions", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await askAs(gate, a.key.secret, gate.model("instant"));
  await signIn(page, `/keys/${a.key.id}`, { email: a.viewer.email });
  const main = page.getByRole("main");
  await expect(main).toContainText("Spent this month");
  await expect(main.getByRole("button", { name: /Revoke|More/ })).toHaveCount(0);
  await main.getByRole("link", { name: "Requests" }).click();
  await expect(page).toHaveURL(`/requests?key=${a.key.id}`);
  await expect(page.getByRole("row")).toHaveCount(2);

  await page.context().clearCookies();
  await signIn(page, `/keys/${a.key.id}`, { email: a.orgAdmin.email });
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke key" }).click();
  await expect(main).toContainText("Revoked");
  await expect(main.getByRole("button", { name: /Revoke|More/ })).toHaveCount(0);
});
