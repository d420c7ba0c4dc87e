import { expect, test } from "../fixtures";
import { seriousViolations, signIn } from "./portal-page";

test("shows rejections by reason and caller", async ({ page, gate }) => {
  const send = (body: object) =>
    fetch(`${gate.v1}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gate.seeded.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({
        model: gate.model("instant"),
        messages: [{ role: "user", content: "x" }],
        ...body,
      }),
    });
  for (let n = 0; n < 4; n++) expect((await send({ top_p: 7 })).status).toBe(400);
  expect((await send({ model: "a-model-of-dreams" })).status).toBe(404);

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
  await page.getByRole("link", { name: "Last hour" }).click();
  await expect(page).toHaveURL("/rejections?range=1h");
  await expect(row).toBeVisible();
});
