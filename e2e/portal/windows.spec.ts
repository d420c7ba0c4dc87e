import OpenAI from "openai";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { askAdminApi, choose, clientOf, sayHello, signIn } from "./portal-page";

test("adds, edits and removes rate limits over other times, which requests obey", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const windows = async () =>
    (await askAdminApi(gate, `/users/${a.member.id}`)).rate_limits?.windows as unknown;
  await signIn(page, `/users/${a.member.id}`);
  const dialog = page.getByRole("dialog");
  const edit = () => page.getByRole("button", { name: "Edit" }).click();
  const save = async () => {
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toBeHidden();
  };
  const limits = dialog.getByRole("group", { name: "Other rate limits" });
  const add = limits.getByRole("button", { name: "Add limit" });

  await edit();
  await add.click();
  await limits.getByLabel("Limit 1", { exact: true }).fill("2");
  await choose(page, limits.getByLabel("Limit 1 unit of time"), "hours");
  await add.click();
  await limits.getByLabel("Limit 2", { exact: true }).fill("50000");
  await choose(page, limits.getByLabel("Limit 2 counts"), "tokens");
  await limits.getByLabel("Limit 2 time").fill("7");
  await save();
  expect(await windows()).toEqual([
    { requests: 2, seconds: 3600 },
    { tokens: 50_000, seconds: 604_800 },
  ]);
  const main = page.getByRole("main");
  await expect(main).toContainText("2 requests per hour");
  await expect(main).toContainText("50,000 tokens per 7 days");

  const ask = () => sayHello(gate, clientOf(gate, a.key.secret));
  await ask();
  await ask();
  await expect(ask()).rejects.toThrow(OpenAI.RateLimitError);

  await edit();
  await expect(limits.getByLabel("Limit 1", { exact: true })).toHaveValue("2");
  await expect(limits.getByLabel("Limit 1 unit of time")).toHaveText("hours");
  await expect(limits.getByLabel("Limit 2 time")).toHaveValue("7");
  await expect(limits.getByLabel("Limit 2 counts")).toHaveText("tokens");
  await limits.getByLabel("Limit 1", { exact: true }).fill("3");
  await limits.getByRole("button", { name: "Remove limit 2" }).click();
  await save();
  expect(await windows()).toEqual([{ requests: 3, seconds: 3600 }]);
  await expect(main).not.toContainText("50,000 tokens");
  await expect(async () => void (await ask())).toPass();

  await edit();
  await limits.getByRole("button", { name: "Remove limit 1" }).click();
  await save();
  expect(await windows()).toBeUndefined();
});

test("keeps invalid rate limits as typed, and says at the field what to do", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, `/organizations/${a.id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  const limits = dialog.getByRole("group", { name: "Other rate limits" });
  const [first, second] = [1, 2].map((place) => limits.getByLabel(`Limit ${place}`, { exact: true }));
  const time = limits.getByLabel("Limit 2 time");
  if (!first || !second) throw new Error("there are two fields");
  for (const each of [first, second]) {
    await limits.getByRole("button", { name: "Add limit" }).click();
    await expect(each).toBeVisible();
  }
  await first.fill("100");
  const wrong: [amount: string, times: string, field: typeof time, words: RegExp][] = [
    ["many", "1", second, /number/],
    ["1.5", "1", second, /whole number/],
    ["0", "1", second, /at least 1/],
    ["10", "", time, /number/],
    ["10", "99", time, /at most 2678400/],
  ];
  for (const [amount, times, field, words] of wrong) {
    await second.fill(amount);
    await time.fill(times);
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(field, `${amount} in ${times}`).toHaveAccessibleDescription(words);
    await expect(field).toBeFocused();
    await expect(first).toHaveValue("100");
    await expect(first).not.toHaveAttribute("aria-invalid", "true");
    await expect(second).toHaveValue(amount);
    await expect(time).toHaveValue(times);
    // Once, at the field.
    await expect(dialog.getByRole("alert")).toHaveCount(0);
  }
  await time.fill("1");
  await dialog.getByLabel("Requests per minute").fill("a few");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByLabel("Requests per minute")).toHaveAccessibleDescription(/number/);
  await expect(dialog.getByLabel("Requests per minute")).toHaveValue("a few");
  await dialog.getByLabel("Requests per minute").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  expect((await askAdminApi(gate, `/organizations/${a.id}`)).rate_limits).toEqual({
    windows: [
      { requests: 100, seconds: 86_400 },
      { requests: 10, seconds: 86_400 },
    ],
  });
});
