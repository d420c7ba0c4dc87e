import { expect, test } from "../fixtures";
import { sendRequests, signIn, withoutJavaScript } from "./portal-page";

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
