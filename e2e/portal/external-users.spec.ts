import OpenAI from "openai";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { appClientOf, askAdminApi, sayHello, signIn } from "./portal-page";

test("shows users that an app has created by x-user-oid, with their external id", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const app = await askAdminApi(gate, "/apps", "POST", {
    name: "Intranet",
    organization_id: a.id,
    create_users: true,
    max_created_users: 2,
  });
  const ask = (oid: string) =>
    sayHello(gate, appClientOf(gate, { "x-gateway-secret": app.secret, "x-app-id": app.id }, oid));
  const oid = `emp-17-${a.id.slice(0, 8)}`;
  await ask(oid);
  await ask(oid);
  await signIn(page, `/users?organization=${a.id}`);
  // The head, three of the cast and the new one.
  await expect(page.getByRole("row")).toHaveCount(5);
  await page.getByRole("searchbox").fill("emp-17");
  await expect(page.getByRole("row")).toHaveCount(2);
  const row = page.getByRole("row").nth(1);
  await expect(row).toContainText(oid);
  await row.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(oid);
  const main = page.getByRole("main");
  const fact = (label: string) =>
    main.locator("dl > div").filter({ has: page.getByText(label, { exact: true }) });
  await expect(fact("External ID")).toContainText(oid);
  await expect(fact("Organization").first()).toContainText(a.name);
  const user = await askAdminApi(gate, `/users/external_id:${oid}?organization_id=${a.id}`);
  expect(page.url()).toContain(user.id);
  // They have no address: people without one are not invited.
  await expect(main.getByRole("button", { name: "Invite", exact: true })).toHaveCount(0);
  await expect(fact("E-mail")).toContainText("—");
  await main.getByText("Requests", { exact: true }).first().waitFor();

  await ask("second of two");
  await expect(ask("one too many")).rejects.toThrow(OpenAI.AuthenticationError);
  await page.goto(`/requests?organization=${a.id}`);
  await expect(page.getByRole("row")).toHaveCount(4);
  await page.goto(`/apps/${app.id}`);
  await expect(fact("Unknown users")).toContainText("Created, up to 2");
});
