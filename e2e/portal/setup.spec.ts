import { randomUUID } from "node:crypto";
import type { Page, Request } from "@playwright/test";
import { seedCast } from "../admin-api/cast";
import { expect, test } from "../fixtures";
import {
  askAdminApi,
  choose,
  clientOf,
  elsewhere,
  expectHidden,
  seriousViolations,
  signIn,
} from "./portal-page";

const label = () => randomUUID().slice(0, 8);

/** The bodies of what a page loads from now on: documents, payloads of navigations and answers of actions. */
function bodiesOf(page: Page): () => Promise<string[]> {
  const bodies: Promise<string>[] = [];
  page.on("response", (response) => {
    if (/html|x-component|json/.test(response.headers()["content-type"] ?? "")) {
      bodies.push(response.text().catch(() => ""));
    }
  });
  return () => Promise.all(bodies);
}

test("adds a provider from a preset, tests it, lists its models, rotates its credential and serves a model of it", async ({
  page,
  gate,
}) => {
  test.slow();
  const name = `groq-${label()}`;
  const secret = `canary-${randomUUID()}`;
  await signIn(page, "/providers");
  const bodies = bodiesOf(page);
  await page.getByRole("button", { name: "Add provider" }).click();
  const dialog = page.getByRole("dialog");
  await choose(page, dialog.getByLabel("Provider"), "groq");
  await expect(dialog.getByLabel("Name")).toHaveValue("groq");
  await expect(dialog.getByLabel("Base URL")).toHaveValue("https://api.groq.com/openai/v1");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Base URL").fill("nonsense");
  await dialog.getByLabel("API key").fill(secret);
  await dialog.getByRole("button", { name: "Add provider" }).click();
  await expect(dialog.getByLabel("Base URL")).toBeFocused();
  await expect(dialog.getByLabel("Base URL")).toHaveValue("nonsense");
  await expect(dialog.getByLabel("API key")).toHaveValue(secret);
  await dialog.getByLabel("Base URL").fill(gate.upstream.url);
  await dialog.getByRole("button", { name: "Add provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  const main = page.getByRole("main");
  await expect(main).toContainText("Not used yet");
  await expect(main).toContainText("No model has it as a target yet.");
  expect(await page.content()).not.toContain(secret);

  await main.getByRole("button", { name: "Test", exact: true }).click();
  await expect(main.getByRole("status").filter({ hasText: /./ }).first()).toBeVisible();
  await main.getByRole("button", { name: "List models" }).click();
  await expect(main.getByRole("table").or(main.getByRole("alert")).first()).toBeVisible();

  await page.getByRole("button", { name: `More actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Rotate credential" }).click();
  await dialog.getByRole("button", { name: "Rotate credential" }).click();
  await expect(dialog.getByLabel("API key")).toHaveAccessibleDescription(/Give the API key/);
  await dialog.getByLabel("API key").fill(`second-${secret}`);
  await dialog.getByRole("button", { name: "Rotate credential" }).click();
  await expect(dialog).toBeHidden();
  expect(await seriousViolations(page)).toEqual([]);

  const { id: providerId } = (await askAdminApi(gate, "/providers")).data.find(
    (each: { name: string }) => each.name === name,
  );
  const model = `model-${label()}`;
  await page.goto(`/models?new=true&provider=${providerId}&upstream=instant`);
  await expect(dialog.getByLabel("Upstream model 1")).toHaveValue("instant");
  await dialog.getByLabel("Name").fill(model);
  await dialog.getByRole("button", { name: "Create model" }).click();
  // Neither catalogue has a price.
  await expect(dialog.getByLabel("Price")).toHaveAccessibleDescription(/No catalogue has a price/);
  await choose(page, dialog.getByLabel("Price"), "Manual");
  await dialog.getByLabel("Input (USD)").fill("a lot");
  await dialog.getByLabel("Output (USD)").fill("10");
  await dialog.getByRole("button", { name: "Create model" }).click();
  await expect(dialog.getByLabel("Input (USD)")).toBeFocused();
  await expect(dialog.getByLabel("Input (USD)")).toHaveValue("a lot");
  await dialog.getByLabel("Input (USD)").fill("2.5");
  await dialog.getByRole("button", { name: "Create model" }).click();
  await expect(page.getByRole("heading", { level: 1, name: model })).toBeVisible();
  await expect(
    main.getByRole("region", { name: "Targets" }).getByRole("table").getByRole("row").nth(1),
  ).toContainText("$2.50 in, $10.00 outManual, since");

  await clientOf(gate, gate.seeded.apiKey).chat.completions.create({
    model,
    messages: [{ role: "user", content: "Hello" }],
  });
  expect(gate.upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer second-${secret}`);

  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await choose(page, dialog.getByLabel("Price"), "Manual");
  await dialog.getByLabel("Input (USD)").fill("3");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const history = main.getByRole("region", { name: "Price history" }).getByRole("table").getByRole("row");
  await expect(history).toHaveCount(3);
  await expect(history.nth(1)).toContainText("$3.00 in, $10.00 out");
  await expect(history.nth(1)).toContainText("In force");
  await expect(history.nth(2)).toContainText("$2.50 in, $10.00 out");
  expect(await seriousViolations(page)).toEqual([]);
  await page.goto(`/providers/${providerId}`);
  await expect(main).toContainText("Healthy");
  await expect(main.getByRole("link", { name: model })).toBeVisible();
  const loaded = await bodies();
  expect(loaded.some((body) => body.includes(name))).toBe(true);
  expect(loaded.filter((body) => body.includes(secret))).toEqual([]);

  await page.getByRole("button", { name: `More actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete provider" }).click();
  await expect(page.getByRole("alertdialog")).toContainText(/model|target/);
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await page.goto("/models");
  await page.getByRole("link", { name: model }).click();
  await page.getByRole("button", { name: `More actions for ${model}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete model" }).click();
  await expect(page).toHaveURL("/models");
});

test("keeps the order of a model's targets, and what its form does not show", async ({ page, gate }) => {
  const { data } = await askAdminApi(gate, "/providers");
  const [provider] = data;
  const target = (upstream: string) => ({ provider_id: provider.id, upstream_model: upstream });
  const model = await askAdminApi(gate, "/models", "POST", {
    name: `ordered-${label()}`,
    price: { input_per_mtok: "1", output_per_mtok: "2" },
    targets: [{ ...target("first"), timeout_ms: 7000 }, target("second")],
  });
  await signIn(page, `/models/${model.id}`);
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Move target 2 up" }).click();
  await expect(dialog.getByLabel("Upstream model 1")).toHaveValue("second");
  await choose(page, dialog.getByLabel("Strategy"), "Weighted");
  await dialog.getByLabel("Weight 1").fill("3");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const after = await askAdminApi(gate, `/models/${model.id}`);
  expect(after).toMatchObject({
    strategy: "weighted",
    targets: [
      { upstream_model: "second", weight: 3, timeout_ms: null },
      { upstream_model: "first", weight: 1, timeout_ms: 7000 },
    ],
    price: { input_per_mtok: "1", output_per_mtok: "2" },
    price_source: "manual",
  });
  const rows = page.getByRole("region", { name: "Targets" }).getByRole("table").getByRole("row");
  await expect(rows.nth(1)).toContainText("second");
  await expect(rows.nth(2)).toContainText("first");
});

test("shows models to everyone, and providers to administrators of the installation only", async ({
  page,
  gate,
}) => {
  const { a } = await seedCast(gate);
  const [provider] = (await askAdminApi(gate, "/providers")).data;
  await signIn(page, "/models", { email: a.member.email });
  await expect(page.getByRole("heading", { level: 1, name: "Models" })).toBeVisible();
  await page.getByRole("row").nth(1).getByRole("link").click();
  await expect(page.getByRole("region", { name: "Targets" }).getByRole("table")).toBeVisible();
  await expect(page.getByRole("main").getByRole("button", { name: /Edit|More/ })).toHaveCount(0);
  await expectHidden(page, ["Providers"], ["/providers", `/providers/${provider.id}`]);
  await page.goto("/models?new=true");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("rejects what an administrator's page sends when others send it", async ({ page, gate, browser }) => {
  const { a } = await seedCast(gate);
  const [provider] = (await askAdminApi(gate, "/providers")).data;
  const [model] = (await askAdminApi(gate, "/models")).data;
  await signIn(page, `/providers/${provider.id}`);
  const isAction = (request: Request) => request.headers()["next-action"] !== undefined;
  const main = page.getByRole("main");
  const sent = async (click: () => Promise<void>) =>
    (await Promise.all([page.waitForRequest(isAction), click()]))[0];
  const actions = [
    await sent(() => main.getByRole("button", { name: "Test", exact: true }).click()),
    await sent(() => main.getByRole("button", { name: "List models" }).click()),
    await sent(async () => {
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    }),
  ];
  await page.goto(`/models/${model.id}`);
  actions.push(
    await sent(async () => {
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    }),
  );
  for (const email of [a.orgAdmin.email, a.viewer.email]) {
    await elsewhere(browser, async (other) => {
      await signIn(other, `${gate.url}/models`, { email });
      for (const action of actions) {
        const { accept = "", "next-action": id = "", "content-type": type = "" } = action.headers();
        const answer = await other.request.post(action.url(), {
          headers: { accept, "next-action": id, "content-type": type, origin: gate.url },
          data: action.postData() ?? "",
        });
        expect(await answer.text(), `${email} at ${action.url()}`).toContain('"ok":false');
      }
    });
  }
});

test("has a checklist on the overview that ticks itself", async ({ page, gate }) => {
  // As on a fresh install: there are no models, and no provider serves its own.
  const models = await gate.sql`UPDATE models SET enabled = false WHERE enabled RETURNING id`;
  try {
    await signIn(page);
    const steps = page.getByRole("list", { name: "Steps" }).getByRole("listitem");
    await expect(steps).toHaveCount(5);
    await expect(steps.nth(0)).toContainText("Done:");
    await expect(steps.nth(1)).toContainText("To do:");
    await expect(steps.nth(1).getByRole("link", { name: "Create model" })).toHaveAttribute(
      "href",
      "/models?new=true",
    );
    expect(await seriousViolations(page)).toEqual([]);
    await gate.sql`UPDATE models SET enabled = true WHERE id = ANY (${models.map(({ id }) => id)})`;
    await expect(page.getByRole("list", { name: "Steps" })).toHaveCount(0);
  } finally {
    await gate.sql`UPDATE models SET enabled = true WHERE id = ANY (${models.map(({ id }) => id)})`;
  }
});
