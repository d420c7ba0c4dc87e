import { randomUUID } from "node:crypto";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { askAdminApi, seriousViolations, signIn } from "./portal-page";

test("edits metadata of all that has some, and finds each by it", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const app = await askAdminApi(gate, "/apps", "POST", { name: "Searcher", organization_id: a.id });
  const team = `search ${randomUUID().slice(0, 8)}`;
  await signIn(page);
  const dialog = page.getByRole("dialog");
  const group = dialog.getByRole("group", { name: "Metadata" });
  const entities = [
    { list: "/organizations", id: a.id, api: "/organizations", name: a.name },
    { list: "/users", id: a.member.id, api: "/users", name: "member-of-a" },
    { list: "/keys", id: a.key.id, api: "/api-keys", name: "key of a" },
    { list: "/apps", id: app.id, api: "/apps", name: "Searcher" },
  ];
  for (const { list, id, api, name } of entities) {
    await page.goto(`${list}/${id}`);
    const edit = page.getByRole("main").getByRole("button", { name: "Edit", exact: true });
    if (list === "/keys") {
      await page.getByRole("button", { name: `More actions for ${name}` }).click();
      await page.getByRole("menuitem", { name: "Edit" }).click();
    } else await edit.click();
    await group.getByRole("button", { name: "Add pair" }).click();
    await group.getByLabel("Name 1").fill("team");
    await group.getByLabel("Value 1").fill(team);
    await group.getByRole("button", { name: "Add pair" }).click();
    await group.getByLabel("Value 2").fill("a value without a name");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(group, "says what is wrong").toContainText(/Names have 1 to 40 printable characters/);
    await expect(group.getByLabel("Value 2"), "keeps what was typed").toHaveValue("a value without a name");
    await group.getByLabel("Name 2").fill("region");
    await group.getByLabel("Value 2").fill("eu");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toBeHidden();
    expect((await askAdminApi(gate, `${api}/${id}`)).metadata).toEqual({ team, region: "eu" });
    const main = page.getByRole("main");
    await expect(main).toContainText("region: eu");

    await main.getByRole("link", { name: team }).click();
    const filter = page.getByRole("textbox", { name: "Metadata" });
    await expect(filter).toHaveValue(`team=${team}`);
    await expect(page.getByRole("row")).toHaveCount(2);
    await expect(page.getByRole("row").nth(1)).toContainText(name);
    await filter.fill("team=nothing like it");
    await filter.press("Enter");
    await expect(page.getByRole("heading", { name: "No results" })).toBeVisible();
    await filter.fill("no pair");
    await filter.press("Enter");
    await expect(filter).toHaveAccessibleDescription("Enter a name and a value, like team=search.");
    await expect(filter).toHaveValue("no pair");
    expect(await seriousViolations(page)).toEqual([]);
    await filter.fill(`team=${team}`);
    await filter.press("Enter");
    await expect(page.getByRole("row")).toHaveCount(2);
    await page.reload();
    await expect(page.getByRole("row")).toHaveCount(2);
    await filter.fill("");
    await filter.press("Enter");
    await expect(page).not.toHaveURL(/metadata/);
  }
});
