import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { seedCast } from "../admin-api/cast";
import { expect, type Gate, settledRow, test } from "../fixtures";
import {
  askAdminApi,
  choose,
  clientOf,
  sayHello,
  sendRequests,
  signIn,
  withoutJavaScript,
} from "./portal-page";

const ONE_USD = 10n ** 12n;
/** US dollars as whole picodollars. */
const pico = (usd: string): bigint => {
  const [whole = "0", fraction = ""] = usd.replace(/[$,]/g, "").split(".");
  return BigInt(whole) * ONE_USD + BigInt(fraction.padEnd(12, "0"));
};

/** Every digit of the amount that a cell shows. */
const exactCost = (page: Page, row: string | RegExp) =>
  page
    .getByRole("row", { name: row })
    .first()
    .locator("td")
    .nth(5)
    .locator("span")
    .evaluate((cell) => (cell instanceof HTMLElement ? (cell.dataset.tip ?? cell.textContent) : null));

const utcDay = (plusDays = 0) => new Date(Date.now() + plusDays * 86_400_000).toISOString().slice(0, 10);

/** What the Admin API reports of the last seven days. */
async function reportOf(gate: Gate, groups: string) {
  const { data } = await askAdminApi(gate, `/usage?from=${utcDay(-6)}&to=${utcDay(1)}&${groups}`);
  const total = data.reduce((sum: bigint, row: { cost_usd: string }) => sum + pico(row.cost_usd), 0n);
  return { data, total };
}

/** Counts clicks, of which each test allows some. */
function countingClicks(page: Page) {
  let clicks = 0;
  return {
    click: async (name: string, scope = page.getByRole("main")) => {
      clicks++;
      await scope.getByRole("link", { name, exact: true }).click();
    },
    count: () => clicks,
  };
}

test.beforeEach(async ({ gate }) => {
  const [id = ""] = await sendRequests(gate, "usage-cached-reasoning");
  await settledRow(gate, id);
});

test("has the same totals, to the last digit, as the Admin API and the CSV", async ({ page, gate }) => {
  for (const groups of [["model"], ["user"], ["api_key", "model"], ["day", "provider"], ["tag"]]) {
    const [group, by] = groups;
    const { data, total } = await reportOf(gate, groups.map((each) => `group_by=${each}`).join("&"));
    await signIn(page, `/usage?range=7d&group=${group}${by === undefined ? "" : `&by=${by}`}`);
    // Tagged requests count under each tag, and once in the total.
    const { total: once } = group === "tag" ? await reportOf(gate, "group_by=day") : { total };
    expect(pico((await exactCost(page, /^Total/)) ?? ""), `${groups}`).toBe(once);
    const requests = data.reduce((sum: number, row: { requests: number }) => sum + row.requests, 0);
    if (group !== "tag") {
      await expect(page.getByRole("row", { name: /^Total/ }).first()).toContainText(
        requests.toLocaleString("en-US"),
      );
    }
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export CSV" }).click();
    const [header = "", ...lines] = (await readFile(await (await download).path(), "utf8"))
      .trim()
      .split(/\r?\n/);
    const costAt = header.split(",").indexOf("cost_usd");
    const inCsv = lines.reduce((sum, line) => sum + pico(line.split(",").at(costAt) ?? ""), 0n);
    expect(inCsv, `${groups} as CSV`).toBe(total);
    expect(lines).toHaveLength(data.length);
  }
});

test("keeps what it shows in the address", async ({ page, gate }) => {
  await signIn(page, "/usage");
  await page.getByRole("link", { name: "7 days", exact: true }).click();
  await expect(page).toHaveURL("/usage?range=7d");
  await page.getByRole("link", { name: "User", exact: true }).click();
  await expect(page).toHaveURL("/usage?range=7d&group=user");
  await choose(page, page.getByRole("combobox", { name: "Then by" }), "Model");
  await expect(page).toHaveURL("/usage?range=7d&group=user&by=model");
  await choose(page, page.getByRole("combobox", { name: "Model" }), gate.model("usage-cached-reasoning"));
  await expect(page).toHaveURL(/&model=/);
  const copy = await page.context().newPage();
  await copy.goto(page.url());
  await expect(copy.getByRole("columnheader").first()).toHaveText("User and model");
  const total = await exactCost(copy, /^Total/);
  // The address changes before the page does.
  await expect.poll(() => exactCost(page, /^Total/)).toBe(total);
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page).toHaveURL("/usage?range=7d&group=user&by=model");
});

test("leads from a group to what it is made of", async ({ page, gate }) => {
  const model = gate.model("usage-cached-reasoning");
  await signIn(page, "/usage?range=7d");
  const cost = await exactCost(page, new RegExp(`^${model} `));
  await page.getByRole("row").getByRole("link", { name: model, exact: true }).click();
  await expect(page).toHaveURL(/range=7d&group=user&model=/);
  await expect(page.getByRole("columnheader").first()).toHaveText("User");
  expect(await exactCost(page, /^Total/)).toBe(cost);
});

test("takes free dates, without JavaScript too", async ({ page, browser, gate }) => {
  await signIn(page);
  await withoutJavaScript(page, browser, async (plain) => {
    await plain.goto(`${gate.url}/usage?group=day`);
    await plain.getByLabel("First day").fill(utcDay(-1));
    await plain.getByLabel("Last day").fill(utcDay());
    await plain.getByRole("button", { name: "Apply" }).click();
    await expect(plain).toHaveURL(`${gate.url}/usage?group=day&from=${utcDay(-1)}&to=${utcDay()}`);
    await expect(plain.getByRole("row", { name: /^Total/ }).first()).toContainText("$");
    await plain.getByRole("link", { name: "Last month" }).click();
    await expect(plain).toHaveURL(`${gate.url}/usage?range=last-month&group=day`);
  });
});

test("says who spent most yesterday within three clicks", async ({ page, gate }) => {
  const { organization, user, apiKey } = gate.seeded.ids;
  await gate.sql`
    INSERT INTO usage_pending (at, organization_id, user_id, api_key_id, model, provider, tags, requests, errors,
      input_tokens, output_tokens, cached_tokens, cost_usd)
    VALUES (date_trunc('day', now(), 'UTC') - interval '12 hours', ${organization}, ${user}, ${apiKey}, 'm', 'p', '{}', 1, 0,
      1, 1, 0, 5)`;
  await signIn(page, "/");
  const { click, count } = countingClicks(page);
  await click("Usage", page.getByRole("navigation", { name: "Portal" }));
  await click("Yesterday");
  await expect(page).toHaveURL(/range=yesterday/);
  await click("User");
  await expect(page).toHaveURL("/usage?range=yesterday&group=user");
  const { name, email } = await askAdminApi(gate, `/users/${user}`);
  await expect(page.getByRole("region", { name: "Usage by user" }).getByRole("link").first()).toHaveText(
    name ?? email,
  );
  expect(count()).toBeLessThanOrEqual(3);
});

test("shows members their own usage, and others their organization's", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const answer = await sayHello(gate, clientOf(gate, a.key.secret));
  expect(answer.choices).toHaveLength(1);
  for (const person of [a.member, a.orgAdmin]) {
    await page.context().clearCookies();
    await signIn(page, "/usage?range=today", person);
    await expect(page.getByRole("row", { name: /^Total 1 / })).toBeVisible();
    await expect(page.getByRole("row")).toHaveCount(3);
    const groups = page.getByRole("navigation", { name: "Group by" });
    await expect(groups.getByRole("link", { name: "Organization" })).toHaveCount(0);
    await expect(groups.getByRole("link", { name: "User" })).toHaveCount(person === a.member ? 0 : 1);
  }
});

test("exports last month per user within four clicks", async ({ page }) => {
  await signIn(page, "/");
  const { click, count } = countingClicks(page);
  await click("Usage", page.getByRole("navigation", { name: "Portal" }));
  await click("Last month");
  await expect(page).toHaveURL(/range=last-month/);
  await click("User");
  await expect(page).toHaveURL("/usage?range=last-month&group=user");
  const download = page.waitForEvent("download");
  await click("Export CSV");
  const file = await download;
  expect(file.suggestedFilename()).toBe("usage-by-user.csv");
  expect(await readFile(await file.path(), "utf8")).toContain("group,requests,");
  expect(count()).toBeLessThanOrEqual(4);
});
