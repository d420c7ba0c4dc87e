import { expect, type Gate, test } from "../fixtures";
import { seriousViolations, signIn } from "./portal-page";

const send = (gate: Gate, body: object, key = gate.seeded.apiKey) =>
  fetch(`${gate.v1}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: gate.model("instant"),
      messages: [{ role: "user", content: "x" }],
      ...body,
    }),
  });

test("shows rejections by reason and caller", async ({ page, gate }) => {
  for (let n = 0; n < 4; n++) expect((await send(gate, { top_p: 7 })).status).toBe(400);
  expect((await send(gate, { model: "a-model-of-dreams" })).status).toBe(404);

  await signIn(page);
  await page.getByRole("navigation", { name: "Portal" }).getByRole("link", { name: "Rejections" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Rejections" })).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: "a-model-of-dreams" });
  await expect(async () => {
    await page.reload();
    await expect(row).toContainText("Model not found", { timeout: 500 });
  }).toPass();
  await expect(row).toContainText(/ago|now/);
  await expect(page.getByRole("row").filter({ hasText: "'top_p'" })).toContainText("Invalid request");

  await page.getByRole("combobox", { name: "Reason" }).click();
  await page.getByRole("option", { name: "Model not found" }).click();
  await expect(page).toHaveURL(/code=model_not_found/);
  await expect(page.getByRole("row").filter({ hasText: "Invalid request" })).toHaveCount(0);
  await expect(row).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);

  const href = await page.getByRole("link", { name: "Download hourly CSV" }).getAttribute("href");
  const csv = await page.request.get(href ?? "");
  expect(csv.headers()["content-type"]).toBe("text/csv; charset=utf-8");
  const lines = (await csv.text()).trim().split("\r\n");
  expect(lines.filter((line) => line.includes("model_not_found"))).toHaveLength(lines.length - 1);
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page).toHaveURL("/rejections");
  // Its links are without the filter, too, when its rows are.
  await expect(page.getByRole("row").filter({ hasText: "'top_p'" })).toBeVisible();
  await page.getByRole("link", { name: "Last hour" }).click();
  await expect(page).toHaveURL("/rejections?range=1h");
  await expect(row).toBeVisible();
});

test("opens a row to show which budget rejected the last requests, what was left and what was needed", async ({
  page,
  gate,
}) => {
  const { apiKey } = gate.seeded.ids;
  await gate.sql`
    UPDATE api_keys SET budget_period = 'month', budget_limit_usd = 0.000001 + coalesce(
      (SELECT sum(spent_usd) FROM counters WHERE scope_id = ${apiKey} AND period = 'month'), 0)
    WHERE id = ${apiKey}`;
  let requestId = "";
  try {
    const answer = await send(gate, { max_tokens: 64 });
    expect([answer.status, (await answer.json()).error.code]).toEqual([429, "insufficient_quota"]);
    requestId = answer.headers.get("x-request-id") ?? "";
  } finally {
    await gate.sql`UPDATE api_keys SET budget_limit_usd = NULL, budget_period = NULL WHERE id = ${apiKey}`;
  }

  await signIn(page, "/rejections?code=insufficient_quota");
  const button = page.getByRole("button", { name: "Budget exhausted" });
  await expect(async () => {
    await page.reload();
    await expect(button).toBeVisible({ timeout: 500 });
  }).toPass();
  await button.click();
  await expect(button).toHaveAttribute("aria-expanded", "true");
  const request = page.getByRole("list", { name: "Last requests" }).getByRole("listitem").first();
  await expect(request).toContainText(requestId);
  await expect(request).toContainText("The monthly budget of your key has $0.000001 left");
  await expect(request.getByText("Key, monthly")).toBeVisible();
  const figure = (label: string) => request.locator("dl > div").filter({ hasText: label }).locator("dd");
  await expect(figure("Left")).toHaveText("$0.000001");
  await expect(figure("Needed")).toHaveText(/^\$0\.0*[1-9]/);
  expect(await seriousViolations(page)).toEqual([]);
  await button.click();
  await expect(request).toBeHidden();
});
