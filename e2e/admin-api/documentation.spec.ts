import { Validator } from "@seriousme/openapi-schema-validator";
import { MOVING_GUIDES } from "#lib/guides/moving/guides";
import { expect, test } from "./api-test";

test("the OpenAPI document is public and valid", async ({ gate }) => {
  const answer = await fetch(`${gate.url}/api/openapi.json`);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  const document = await answer.json();
  expect(document.openapi).toBe("3.1.0");
  expect(await new Validator().validate(document)).toMatchObject({ valid: true });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`/docs shows every operation without other hosts, ${colorScheme}`, async ({ page, gate, baseURL }) => {
    const elsewhere: string[] = [];
    const problems: string[] = [];
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (/^https?:$/.test(protocol) && origin !== new URL(baseURL).origin) elsewhere.push(request.url());
    });
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.emulateMedia({ colorScheme });
    await page.goto("/docs");
    await expect(page.getByRole("heading", { name: /^Tollgate/ })).toBeVisible();
    const document = await (await fetch(`${gate.url}/api/openapi.json`)).json();
    const methods = Object.values<object>(document.paths).flatMap((item) => Object.keys(item));
    await expect(page.locator(".opblock")).toHaveCount(methods.length);
    await page.locator(".opblock-post", { hasText: "/api/admin/v1/admin-tokens" }).click();
    await expect(page.getByText("Idempotency-Key").first()).toBeVisible();
    expect(elsewhere).toEqual([]);
    expect(problems).toEqual([]);
  });
}

for (const path of ["troubleshooting", "moving", ...MOVING_GUIDES.map(({ id }) => `moving/${id}`)]) {
  test(`/docs/${path} is readable without signing in, on a narrow screen too`, async ({ page }) => {
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.setViewportSize({ width: 375, height: 800 });
    const answer = await page.goto(`/docs/${path}`);
    expect(answer?.status()).toBe(200);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    expect(scrollWidth).toBe(clientWidth);
    expect(problems).toEqual([]);
  });
}

test("a guide that does not exist is a 404", async ({ page }) => {
  expect((await page.goto("/docs/moving/nowhere"))?.status()).toBe(404);
});
