import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { sendRequests, seriousViolations, signIn, withoutJavaScript } from "./portal-page";

test("shows figures, charts and tables of recent requests", async ({ page, gate }) => {
  await sendRequests(gate, "usage-cached-reasoning", 3);
  const [totals] = await gate.sql`SELECT sum(requests)::int AS requests FROM usage_hourly
    WHERE hour > now() - interval '20 hours'`;
  await signIn(page, "/?range=24h");
  const figure = (label: string) =>
    page.locator("dl > div").filter({ has: page.getByText(label, { exact: true }) });
  await expect(figure("Requests")).toContainText(totals?.requests.toLocaleString("en-US"));
  await expect(figure("Spend")).toContainText(/\$\d/);
  await expect(
    page.getByRole("heading", { name: "Top models" }).locator("..").locator("..").locator(".."),
  ).toContainText(gate.model("usage-cached-reasoning"));
  // The chart is drawn by script; its table has the same figures.
  await expect(page.locator(".recharts-bar-rectangle").first()).toBeAttached();
  const requests = page.getByRole("region", { name: "Requests", exact: true });
  await requests.getByText("Figures").click();
  const table = requests.getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveText(["Time (UTC)", "Succeeded", "Failed", "Total"]);
  await expect(table.getByRole("row")).toHaveCount(25);
});

test("keeps the range in the address", async ({ page }) => {
  await signIn(page);
  await expect(page.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true");
  await page.getByRole("link", { name: "30 days" }).click();
  await expect(page).toHaveURL("/?range=30d");
  await expect(page.getByRole("link", { name: "30 days" })).toHaveAttribute("aria-current", "true");
});

test("links a model to its requests", async ({ page, gate }) => {
  await sendRequests(gate, "instant");
  await signIn(page);
  await page
    .getByRole("main")
    .getByRole("link", { name: new RegExp(gate.model("instant")) })
    .first()
    .click();
  await expect(page).toHaveURL(/\/requests\?range=7d&model=/);
  await expect(page.getByRole("table").getByRole("link").first()).toHaveText(gate.model("instant"));
});

test("shows the figures without JavaScript", async ({ page, browser, gate }) => {
  await sendRequests(gate, "instant");
  await signIn(page);
  await withoutJavaScript(page, browser, async (plain) => {
    await plain.goto(`${gate.url}/`);
    const spend = plain.getByRole("region", { name: "Spend by model", exact: true });
    await spend.getByText("Figures").click();
    await expect(spend.getByRole("table").getByRole("row").nth(1)).toContainText("$");
  });
});

test("says what needs attention, and leads to where it is set right", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  await signIn(page, "/", { email: a.orgAdmin.email });
  await expect(page.getByRole("heading", { name: /^No requests/ })).toBeVisible();
  const matters = page.getByRole("list", { name: "Needs attention" });
  await expect(matters, "not if all is well").toHaveCount(0);

  const expiresAt = inDays(3);
  await gate.sql`UPDATE api_keys SET expires_at = ${expiresAt} WHERE id = ${a.key.id}`;
  await gate.sql`UPDATE users SET payment_valid_until = ${inDays(2).slice(0, 10)} WHERE id = ${a.member.id}`;
  await page.reload();
  await expect(matters.getByRole("listitem")).toHaveText([
    `Key key of a expires on ${expiresAt.slice(0, 10)} ${expiresAt.slice(11, 16)} UTC.`,
    "1 payment ends within 7 days.",
  ]);
  expect(await seriousViolations(page)).toEqual([]);
  await matters.getByRole("link", { name: "1 payment" }).click();
  await expect(page).toHaveURL("/users?payment=ends_7");
  await expect(page.getByRole("row").nth(1)).toContainText("member-of-a");
  await page.goBack();
  await matters.getByRole("link", { name: "key of a" }).click();
  await expect(page).toHaveURL(`/keys/${a.key.id}`);

  await page.context().clearCookies();
  await signIn(page, "/", { email: a.member.email });
  await matters.getByRole("link", { name: "1 payment" }).click();
  await expect(page, "members have no list of users").toHaveURL(`/users/${a.member.id}`);
});

test("tells administrators of targets that are down", async ({ page, gate }) => {
  const model = `down-${Date.now()}`;
  const [provider] = await gate.sql`SELECT id, name FROM providers WHERE enabled LIMIT 1`;
  await gate.sql`INSERT INTO target_states
    (provider_id, credential_id, upstream_model, opened_at, probe_after, trips, reason)
    VALUES (${provider?.id}, '', ${model}, now(), now() + interval '1 day', 1, '500')`;
  await signIn(page);
  const matters = page.getByRole("list", { name: "Needs attention" });
  await expect(matters).toContainText(new RegExp(`${provider?.name}/${model} is down since .* UTC\\.`));
  await matters.getByRole("link", { name: `${provider?.name}/${model}` }).click();
  await expect(page).toHaveURL(`/providers/${provider?.id}`);
  await gate.sql`DELETE FROM target_states WHERE upstream_model = ${model}`;
});
