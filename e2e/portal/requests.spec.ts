import { readFile } from "node:fs/promises";
import { expect, settledRow, test } from "../fixtures";
import { clientOf, sendRequests, signIn } from "./portal-page";

const PAGE = 50;

test("lists an SDK request with its tokens and exact cost", async ({ page, gate }) => {
  const [id = ""] = await sendRequests(gate, "usage-cached-reasoning");
  await settledRow(gate, id);
  await signIn(page, "/requests");
  const row = page
    .getByRole("row")
    .filter({ hasText: gate.model("usage-cached-reasoning") })
    .first();
  await expect(row).toContainText("Settled");
  await expect(row).toContainText("2,006");
  await expect(row).toContainText("$0.000481");
  await row.getByRole("link").click();

  await expect(page).toHaveURL(`/requests/${id}`);
  // 86 × $0.15 + 1920 × $0.15 + 300 × $0.60, per million
  await expect(page.getByText("$0.0004809", { exact: true }).first()).toBeVisible();
  const bill = page.getByRole("table");
  await expect(bill.getByRole("row", { name: /Cached input/ })).toContainText("1,920");
  await expect(bill.getByRole("row", { name: /^Output/ })).toContainText("$0.00018");
  await expect(page.getByText("256 reasoning tokens")).toBeVisible();
  await expect(page.getByText(gate.seeded.providerName)).toBeVisible();
  await expect(page.getByRole("button", { name: "Copy request ID" })).toBeVisible();
});

test("tells of each attempt, where there was more than one", async ({ page, gate }) => {
  await gate.sql`
    INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
    SELECT m.id, t.provider_id, 'instant', t.price_version_id, 1 FROM models m
    JOIN model_targets t ON t.model_id = m.id WHERE m.name = ${gate.model("status-504")}`;
  const [failed = "", whole = ""] = [
    ...(await sendRequests(gate, "status-504")),
    ...(await sendRequests(gate, "instant")),
  ];
  await settledRow(gate, failed);
  await signIn(page, `/requests/${failed}`);
  const attempts = page.getByRole("list", { name: "Attempts" }).getByRole("listitem");
  await expect(attempts.first()).toContainText("Failed");
  await expect(attempts.first()).toContainText("status-504");
  await expect(attempts.first()).toContainText("status 504");
  await expect(attempts.last()).toContainText("Answered");
  await expect(attempts.last()).toContainText("instant");
  await expect(attempts.last()).toContainText("status 200");
  await page.goto(`/requests/${whole}`);
  await expect(page.getByRole("heading", { name: "Tokens and cost" })).toBeVisible();
  await expect(attempts).toHaveCount(0);
});

test("opens a request without loading the whole page again", async ({ page, gate }) => {
  await sendRequests(gate, "instant");
  await signIn(page, "/requests");
  await page.evaluate(() => document.body.setAttribute("data-loaded-before", ""));
  await page.getByRole("row").nth(1).getByRole("link").press("Enter");
  await expect(page).toHaveURL(/\/requests\/[0-9a-f-]{36}$/);
  await expect(page.locator("body[data-loaded-before]")).toBeAttached();
  await page.goBack();
  const [opened] = await Promise.all([
    page.context().waitForEvent("page"),
    page
      .getByRole("row")
      .nth(1)
      .getByRole("link")
      .click({ modifiers: ["ControlOrMeta"] }),
  ]);
  await expect(opened).toHaveURL(/\/requests\/[0-9a-f-]{36}$/);
  await expect(page).toHaveURL("/requests");
});

test("shows exact times and amounts on hover, until Escape", async ({ page, gate }) => {
  await sendRequests(gate, "instant");
  await signIn(page, "/requests");
  const row = page.getByRole("row").nth(1);
  const tooltip = page.getByRole("tooltip");
  await row.locator("td:last-child [data-tip]").hover();
  await expect(tooltip).toHaveText(/^\$0\.\d+$/);
  const time = row.getByRole("time").last();
  await time.hover();
  await expect(tooltip).toHaveText(/^\d{4}-\d\d-\d\d [\d:.]+ UTC$/);
  await expect(time).toHaveAccessibleDescription(/ UTC$/);
  await page.keyboard.press("Escape");
  await expect(tooltip).toHaveCount(0);
});

test("filters the ledger, keeps filters in the address and clears them", async ({ page, gate }) => {
  await sendRequests(gate, "instant", 1, true);
  await sendRequests(gate, "stream-100", 1, true);
  await signIn(page, "/requests");
  await page.getByRole("combobox", { name: "Model" }).click();
  await page.getByRole("option", { name: gate.model("stream-100"), exact: true }).click();
  await expect(page).toHaveURL(/model=/);
  const links = page.getByRole("table").getByRole("link");
  await expect(links.filter({ hasNotText: gate.model("stream-100") })).toHaveCount(0);
  await expect(links.first()).toHaveText(gate.model("stream-100"));
  await page.getByRole("combobox", { name: "Streaming" }).click();
  await page.getByRole("option", { name: "Non-streaming", exact: true }).click();
  await expect(page.getByRole("heading", { name: "No results" })).toBeVisible();
  await page.goBack();
  await expect(links.first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole("combobox", { name: "Model" })).toHaveText(gate.model("stream-100"));
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page).toHaveURL("/requests");
});

test("finds a session's requests by a link or by searching, and exports them", async ({ page, gate }) => {
  const session = "session-of-two";
  const client = clientOf(gate, gate.seeded.apiKey);
  const ids: string[] = [];
  for (const prompt of ["One", "Two"]) {
    const { response } = await client.completions
      .create({ model: gate.model("simulated"), prompt }, { headers: { "x-tollgate-session-id": session } })
      .withResponse();
    ids.push(response.headers.get("x-request-id") ?? "");
  }
  await signIn(page, `/requests/${ids[0]}`);
  await page.getByRole("link", { name: session }).click();
  await expect(page).toHaveURL(`/requests?session=${session}`);
  const rows = page.getByRole("table").getByRole("link");
  await expect(rows).toHaveCount(2);
  await page.getByRole("link", { name: `Session ${session}` }).click();
  await expect(page).toHaveURL("/requests");
  await page.getByRole("searchbox", { name: "Search by request or session ID" }).fill(session);
  await expect(page).toHaveURL(`/requests?q=${session}`);
  await expect(rows).toHaveCount(2);
  await expect(page.getByRole("combobox", { name: "Endpoint" })).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("requests.csv");
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
  expect(
    lines
      .slice(1)
      .map((line) => line.slice(0, 36))
      .toSorted(),
  ).toEqual(ids.toSorted());
});

test("filters failed requests and shows their error", async ({ page, gate }) => {
  await sendRequests(gate, "status-500").catch(() => []);
  await signIn(page, "/requests");
  await page.getByRole("button", { name: "Failed only" }).click();
  await expect(page).toHaveURL(/failed=true/);
  const row = page
    .getByRole("row")
    .filter({ hasText: gate.model("status-500") })
    .first();
  await expect(row).toContainText("502");
  await row.getByRole("link").click();
  await expect(page.getByRole("main").getByRole("alert")).toContainText("upstream_error");
});

test("pages the ledger by keyset, so that pages do not shift when requests arrive", async ({
  page,
  gate,
}) => {
  await sendRequests(gate, "instant", PAGE + 5);
  await signIn(page, "/requests");
  const rows = page.getByRole("table").getByRole("link");
  await expect(rows).toHaveCount(PAGE);
  // Each row is sent as HTML and as its figures, not a second time as a description of its cells (370 KB in all).
  const sent = await page.request.get("/requests", { headers: { "sec-fetch-dest": "document" } });
  expect((await sent.body()).length).toBeLessThan(220_000);
  const firstPage = await rows.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  await sendRequests(gate, "instant", 3);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(rows.first()).not.toHaveAttribute("href", firstPage[0] ?? "");
  const secondPage = await rows.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  expect(secondPage.filter((href) => firstPage.includes(href))).toEqual([]);
  await page.getByRole("link", { name: "Newest" }).click();
  await expect(page).toHaveURL("/requests");
  await expect(rows.first()).not.toHaveAttribute("href", firstPage[0] ?? "");
});

test("shows what its filters are set to before scripts run", async ({ page }) => {
  await signIn(page);
  const sent = await page.request.get("/requests?status=settled", {
    headers: { "sec-fetch-dest": "document" },
  });
  await page.setContent((await sent.text()).replace(/<script[\s\S]*?<\/script>/g, ""));
  await expect(page.getByRole("combobox", { name: "Time" })).toHaveText("All time");
  await expect(page.getByRole("combobox", { name: "Status" })).toHaveText("Settled");
});

test("shows a 404 inside the portal for an unknown request", async ({ page }) => {
  await signIn(page);
  const answer = await page.goto("/requests/00000000-0000-7000-8000-000000000000");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "Request not found" })).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Portal" })).toBeVisible();
});
