import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import { addWebhook, choose, expectHidden, seriousViolations, signIn } from "./portal-page";

type Posted = { headers: Record<string, string>; body: string };

/** A server that keeps what is posted to it, and answers with a status. */
async function withReceiver(
  use: (url: string, posted: Posted[], answer: (status: number) => void) => Promise<void>,
) {
  const posted: Posted[] = [];
  let status = 204;
  const server = createServer(async (request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, `${value}`]),
    );
    posted.push({ headers, body: await text(request) });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  try {
    await use(`http://127.0.0.1:${port}/hook`, posted, (next) => {
      status = next;
    });
  } finally {
    server.close();
  }
}

test("creates a webhook, shows its secret once, and sends a test that the secret verifies", async ({
  page,
  gate,
}) => {
  const { a } = await seedCast(gate);
  await withReceiver(async (url, posted, answer) => {
    await signIn(page, "/", { email: a.orgAdmin.email });
    await page.getByRole("link", { name: "Webhooks", exact: true }).click();
    await expect(page.getByRole("heading", { name: "No webhooks yet" })).toBeVisible();
    await page.getByRole("button", { name: "Create webhook" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Create webhook" }).click();
    await expect(dialog.getByLabel("URL"), "asks for what is missing").toHaveAccessibleDescription(/\S/);
    await dialog.getByLabel("URL").fill(url);
    const ofInstallation = dialog.getByLabel("A provider’s model is up again");
    await expect(ofInstallation, "an organization is not told of it").toHaveCount(0);
    await dialog.getByLabel("A payment has ended").click();
    await dialog.getByRole("button", { name: "Create webhook" }).click();
    await expect(dialog.getByRole("heading", { name: "Webhook created" })).toBeVisible();
    const secret = await dialog.getByLabel("Your signing secret").inputValue();
    await dialog.getByRole("button", { name: "Done" }).click();
    const [row] = await gate.sql`SELECT id, organization_id, events FROM webhooks WHERE url = ${url}`;
    expect(row?.organization_id).toBe(a.id);
    expect(row?.events).toHaveLength(5);
    expect(row?.events).not.toContain("payment.expired");

    await page.getByRole("link", { name: new URL(url).host }).click();
    await expect(page).toHaveURL(`/webhooks/${row?.id}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(new URL(url).host);
    expect(await page.content()).not.toContain(secret);
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect(page.getByText(/^Delivered: 204 in \d+ ms\.$/)).toBeVisible();
    const [first] = posted;
    expect(new Webhook(secret).verify(first?.body ?? "", first?.headers ?? {})).toMatchObject({
      type: "webhook.test",
    });
    const deliveries = page.getByRole("table", { name: "Deliveries" }).or(page.getByLabel("Deliveries"));
    await expect(deliveries.getByRole("row").nth(1)).toContainText(/A test.*Delivered.*204/);

    answer(500);
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect(page.getByRole("main").getByRole("status").filter({ hasText: "500" })).toBeVisible();
    await expect(deliveries.getByRole("row").nth(1)).toContainText("Failed");
    expect(await seriousViolations(page)).toEqual([]);
  });
});

test("edits, rotates, disables and deletes a webhook", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  const id = await addWebhook(gate, a.id);
  const stored = async () => (await gate.sql`SELECT * FROM webhooks WHERE id = ${id}`)[0];
  await signIn(page, `/webhooks/${id}`, { email: a.orgAdmin.email });
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Edit" }).click();
  await choose(page, dialog.getByLabel("Format"), /Slack/);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  expect((await stored())?.format).toBe("slack");
  await page.getByRole("button", { name: /^More actions/ }).click();
  await expect(page.getByRole("menuitem", { name: "Rotate secret" }), "not of Slack's").toHaveCount(0);
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disable webhook" }).click();
  await expect(page.getByRole("main")).toContainText("Disabled");
  await expect(page.getByRole("button", { name: /^Send again/ }), "not while it is disabled").toHaveCount(0);
  await page.getByRole("button", { name: /^More actions/ }).click();
  await page.getByRole("menuitem", { name: "Enable" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Enable webhook" }).click();
  await page.getByRole("button", { name: /^Send again/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Send again" }).click();
  await expect(page.getByText("It is sent within a minute.")).toBeVisible();
  await page.getByRole("button", { name: /^More actions/ }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete webhook" }).click();
  await expect(page).toHaveURL("/webhooks");
  expect(await stored()).toBeUndefined();
});

test("lets an administrator create one for all organizations or for one", async ({ page, gate }) => {
  const { a } = await seedCast(gate);
  await signIn(page, "/webhooks?new=true");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Organization")).toHaveText("All organizations");
  const url = `http://127.0.0.1:9/${a.id}`;
  await expect(dialog.getByLabel("A provider’s model is up again")).toBeVisible();
  await dialog.getByLabel("URL").fill(url);
  await choose(page, dialog.getByLabel("Format"), /Slack/);
  await dialog.getByRole("button", { name: "Create webhook" }).click();
  await expect(dialog).toBeHidden();
  const [row] = await gate.sql`SELECT organization_id, format FROM webhooks WHERE url = ${url}`;
  expect(row).toEqual({ organization_id: null, format: "slack" });
});

test("hides webhooks from viewers and members, and other organizations'", async ({ page, gate }) => {
  const { a, b } = await seedCast(gate);
  const id = await addWebhook(gate, b.id);
  await signIn(page, "/", { email: a.orgAdmin.email });
  expect((await page.goto(`/webhooks/${id}`))?.status()).toBe(404);
  await page.context().clearCookies();
  await signIn(page, "/", { email: a.viewer.email });
  await expectHidden(page, ["Webhooks"], ["/webhooks", `/webhooks/${id}`]);
});
