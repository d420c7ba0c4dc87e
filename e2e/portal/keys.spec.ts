import OpenAI from "openai";
import { AGENTS } from "#lib/guides/agents";
import { SDK_GUIDES } from "#lib/guides/sdks";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { choose, hydrated, signIn } from "./portal-page";

test("creates a key, shows it once, and revokes it", async ({ page, context, gate }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, "/keys");
  await page.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("browser test");
  await dialog.getByLabel("Name").press("Enter");

  await expect(dialog.getByRole("heading", { name: "Key created" })).toBeVisible();
  const secret = await dialog.getByLabel("Your key").inputValue();
  expect(secret).toMatch(/^tg_live_[0-9A-Za-z]{38}$/);
  await dialog.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(dialog.getByRole("status").filter({ hasText: "Copied" })).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  for (const { label } of [...SDK_GUIDES, ...AGENTS]) {
    await dialog.getByRole("tab", { name: label, exact: true }).click();
    const snippet = dialog.getByRole("region", { name: `${label} snippet` });
    await expect(snippet).toContainText(gate.url);
    await expect(snippet).toContainText(secret);
  }
  // Neither a click outside nor Escape closes the dialog.
  await page.keyboard.press("Escape");
  await page.mouse.click(5, 5);
  await expect(dialog.getByLabel("Your key")).toBeVisible();

  const list = () => new OpenAI({ baseURL: gate.v1, apiKey: secret, maxRetries: 0 }).models.list();
  expect((await list()).data.length).toBeGreaterThan(0);

  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  expect(await page.content()).not.toContain(secret);
  await page.reload();
  expect(await page.content()).not.toContain(secret);
  const row = page.getByRole("row").filter({ hasText: "browser test" });
  await expect(row).toContainText(secret.slice(0, 12));
  await expect(row).toContainText("Active");

  await row.getByRole("button", { name: "Revoke browser test" }).click();
  const confirmation = page.getByRole("alertdialog");
  await expect(confirmation.getByRole("button", { name: "Cancel" })).toBeFocused();
  await confirmation.getByRole("button", { name: "Revoke key" }).click();
  await expect(confirmation).toBeHidden();
  await expect(row).toContainText("Revoked");
  await expect(row.getByRole("button")).toHaveCount(0);
  await expect(list()).rejects.toThrow(OpenAI.AuthenticationError);
});

test("shows errors of a new key at their fields", async ({ page }) => {
  await signIn(page, "/keys?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByLabel("Name")).toHaveAccessibleDescription(/Enter a name\./);
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("dated");
  await dialog.getByLabel("Expires").click();
  await page.getByRole("option", { name: "On a date…" }).click();
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByText("Choose a date.")).toBeVisible();
  const discard = page.getByRole("alertdialog").getByRole("button", { name: "Discard" });
  // The error may be shown a moment before the form counts as answered. Until then nothing closes it.
  await expect(async () => {
    await page.keyboard.press("Escape");
    await expect(discard).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await discard.click();
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL("/keys");
});

test("creates a key for a user and selected models", async ({ page, gate }) => {
  await signIn(page, "/keys?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("narrow");
  const owner = dialog.getByLabel("Owner");
  const organization = dialog.getByLabel("Organization", { exact: true });
  const [{ name = "" } = {}] =
    await gate.sql`SELECT name FROM organizations WHERE id = ${gate.seeded.ids.organization}`;
  // The field is hidden if there is only one organization.
  if (await organization.isVisible()) {
    await choose(page, organization, name);
  }
  await choose(page, owner, gate.seeded.userEmail);
  await dialog.getByRole("radio", { name: /Selected models/ }).click();
  await dialog.getByLabel(gate.model("instant"), { exact: true }).check();
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByLabel("Your key")).toBeVisible();
  const [row] = await gate.sql`SELECT user_id, allowed_models FROM api_keys WHERE name = 'narrow'`;
  expect(row).toEqual({ user_id: gate.seeded.ids.user, allowed_models: [gate.model("instant")] });
});

test("creates a key with a budget, rates and a window", async ({ page, gate }) => {
  await signIn(page, "/keys?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("limited from the start");
  await dialog.getByLabel("Budget (USD)").fill("a lot");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByLabel("Budget (USD)")).toHaveAccessibleDescription(/Enter US dollars/);
  await dialog.getByLabel("Budget (USD)").fill("12.50");
  await dialog.getByLabel("Concurrent requests").fill("2");
  const windows = dialog.getByRole("group", { name: "Other rate limits" });
  await windows.getByRole("button", { name: "Add limit" }).click();
  await windows.getByLabel("Limit 1", { exact: true }).fill("100");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByLabel("Your key")).toBeVisible();
  const [row] =
    await gate.sql`SELECT budget_limit_usd::float8 AS budget, budget_period, max_concurrent, rate_limits
    FROM api_keys WHERE name = 'limited from the start'`;
  expect(row).toMatchObject({ budget: 12.5, budget_period: "month", max_concurrent: 2 });
  expect(row?.rate_limits.windows).toMatchObject([{ requests: 100 }]);
});

test("opens the key whose value is pasted into the search, and puts no secret into an address", async ({
  page,
  context,
  gate,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { a, b } = await seedCast(gate);
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  page.on("framenavigated", (frame) => addresses.push(frame.url()));
  await signIn(page, "/keys", { email: a.orgAdmin.email });
  const paste = async (text: string) => {
    await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await page.getByRole("searchbox").focus();
    await page.keyboard.press("Control+V");
  };
  await hydrated(page.getByRole("searchbox"));
  // Another tenant's is answered as an unknown one.
  for (const other of [b.key.secret, "sk-imported-Abc123Def456Ghi789"]) {
    await paste(other);
    await expect(page.getByText("No API key that you can see has this value.").first()).toBeVisible();
    await expect(page.getByRole("searchbox")).toHaveValue("");
    await page.reload();
    await hydrated(page.getByRole("searchbox"));
  }
  await paste(a.key.secret);
  await expect(page).toHaveURL(`/keys/${a.key.id}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("key of a");
  const secrets = [a.key.secret, b.key.secret, "sk-imported"];
  expect(addresses.filter((address) => secrets.some((secret) => address.includes(secret)))).toEqual([]);
  expect(await page.content()).not.toContain(a.key.secret);
  await page.goto("/keys");
  await hydrated(page.getByRole("searchbox"));
  await paste("key of a");
  await expect(page).toHaveURL(/q=key/);
});

test("edits a key's tags, addresses, limits and metadata", async ({ page, gate }) => {
  await gate.sql`
    INSERT INTO api_keys (name, organization_id, key_hash, key_prefix)
    VALUES ('to edit', ${gate.seeded.ids.organization}, sha256(random()::text::bytea), 'tg_live_edit')`;
  await signIn(page, "/keys?q=to+edit");
  await page.getByRole("button", { name: "More actions for to edit" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("edited");
  await dialog.getByLabel("Tags").fill("ci, night shift");
  await dialog.getByLabel("Budget (USD)").fill("25");
  await dialog.getByLabel("Requests per minute").fill("60");
  const metadata = dialog.getByRole("group", { name: "Metadata" });
  await metadata.getByRole("button", { name: "Add pair" }).click();
  await metadata.getByRole("button", { name: "Add pair" }).click();
  await metadata.getByLabel("Name 1").fill("team");
  await metadata.getByLabel("Value 1").fill("search");
  await metadata.getByLabel("Name 2").fill("mistake");
  await metadata.getByRole("button", { name: "Remove mistake" }).click();
  await dialog.getByLabel("Allowed IP addresses").fill("10.1.2.3/8, nonsense");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByLabel("Allowed IP addresses")).toHaveAccessibleDescription(/Enter an IP address/);
  await expect(dialog.getByLabel("Allowed IP addresses")).toBeFocused();
  await dialog.getByLabel("Allowed IP addresses").fill("10.1.2.3/8");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const [row] = await gate.sql`
    SELECT tags, allowed_ips, budget_limit_usd::float8 AS budget, budget_period, rate_limits, allowed_models,
      expires_at, provider_id, metadata
    FROM api_keys WHERE name = 'edited'`;
  expect(row).toEqual({
    tags: ["ci", "night shift"],
    allowed_ips: ["10.0.0.0/8"],
    budget: 25,
    budget_period: "month",
    rate_limits: { requests_per_minute: 60 },
    allowed_models: null,
    expires_at: null,
    provider_id: null,
    metadata: { team: "search" },
  });
  const [edited] = await gate.sql`SELECT id FROM api_keys WHERE name = 'edited'`;
  await page.goto(`/keys/${edited?.id}`);
  await expect(page.getByRole("main")).toContainText("team: search");
});

test("rotates a key, shows the new one once, and accepts the old one until its grace period ends", async ({
  page,
  gate,
}) => {
  await signIn(page, "/keys?new=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("to rotate");
  await dialog.getByRole("button", { name: "Create key" }).click();
  const old = await dialog.getByLabel("Your key").inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  const list = (apiKey: string) => new OpenAI({ baseURL: gate.v1, apiKey, maxRetries: 0 }).models.list();

  const rotate = async (ends: string) => {
    await page.getByRole("button", { name: "More actions for to rotate" }).click();
    await page.getByRole("menuitem", { name: "Rotate" }).click();
    await dialog.getByLabel("Old key expires").click();
    await page.getByRole("option", { name: ends }).click();
    await dialog.getByRole("button", { name: "Rotate key" }).click();
    await expect(dialog.getByRole("heading", { name: "Key rotated" })).toBeVisible();
    const key = await dialog.getByLabel("Your key").inputValue();
    await dialog.getByRole("button", { name: "Done" }).click();
    await expect(dialog).toBeHidden();
    return key;
  };
  const second = await rotate("In 1 day");
  expect(second).not.toBe(old);
  await list(old);
  await list(second);
  const third = await rotate("Immediately");
  await list(third);
  for (const ended of [old, second]) await expect(list(ended)).rejects.toThrow(OpenAI.AuthenticationError);
});

test("finds keys by name", async ({ page }) => {
  await signIn(page, "/keys");
  await page.getByRole("searchbox").fill("no such key");
  await expect(page.getByRole("heading", { name: "No results" })).toBeVisible();
  await page.getByRole("searchbox").fill("Key ");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await expect(page).toHaveURL(/q=Key/);
});
