import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { servedMount } from "../mounts";
import { startReplica } from "../replica";
import { CREATE_FORMS, choose, everyPage, signInOnPage } from "./portal-page";

/** The policy's violations on all pages that this page opens, as the browser reports them. */
async function violationsOf(page: Page): Promise<string[]> {
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) violations.push(message.text());
  });
  await page.exposeFunction("reportViolation", (violation: string) => violations.push(violation));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report: unknown = Reflect.get(window, "reportViolation");
      if (typeof report === "function") {
        report(`${event.effectiveDirective} ${event.blockedURI} at ${document.location.href}`);
      }
    });
  });
  return violations;
}

/** The script sources of a page's policy. */
async function scriptSources(page: Page, url: string): Promise<string> {
  const answer = await page.request.get(url, { headers: { accept: "text/html" } });
  const [, sources = ""] = /script-src ([^;]*)/.exec(answer.headers()["content-security-policy"] ?? "") ?? [];
  return sources;
}

test("opens every page and form without violating its policy", async ({ page, gate }) => {
  test.slow();
  const violations = await violationsOf(page);
  await signInOnPage(page);
  for (const path of [...(await everyPage(gate)), "/users/nobody", "/nothing-here"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    // The page has loaded its scripts, and runs.
    await page.waitForLoadState("networkidle");
    expect(violations, path).toEqual([]);
  }
  for (const path of [...CREATE_FORMS, "/keys?new=true"]) {
    await page.goto(path);
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(violations, path).toEqual([]);
  }
  await choose(page, page.getByRole("dialog").getByLabel("Expires"), "On a date…");
  await page.goto("/docs");
  await expect(page.getByText("/organizations/{id}").first()).toBeVisible();
  await page.locator(".opblock-summary-control").first().click();
  await expect(page.locator(".opblock-body").first()).toBeVisible();
  expect(violations).toEqual([]);
});

test("opens pages without violating their policy under next start", async ({ page }) => {
  const { url } = servedMount("next", test.info().parallelIndex);
  const violations = await violationsOf(page);
  await signInOnPage(page, `${url}/sign-in`);
  for (const path of ["/", "/keys?new=true", "/docs", "/nothing-here"]) {
    await page.goto(url + path);
    await page.waitForLoadState("networkidle");
  }
  expect(violations).toEqual([]);
  expect(await scriptSources(page, `${url}/keys`)).toMatch(/^'self' 'nonce-[\w+/=]{24}'$/);
});

test("gives each page a nonce of its own, and runs no injected script", async ({ page, baseURL }) => {
  const sources = [await scriptSources(page, "/sign-in"), await scriptSources(page, "/sign-in")];
  for (const each of sources) expect(each).toMatch(/^'self' 'nonce-[\w+/=]{24}'$/);
  expect(sources[0]).not.toBe(sources[1]);

  const violations = await violationsOf(page);
  const injected = `<script>window.injected = "script"</script><img src="x" onerror="window.injected = 'handler'">`;
  await page.route(`${baseURL}/sign-in`, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace("</body>", `${injected}</body>`);
    expect(body).toContain(injected);
    await route.fulfill({ response: answer, body });
  });
  await page.goto("/sign-in");
  await expect.poll(() => violations.length).toBeGreaterThanOrEqual(2);
  expect(await page.evaluate(() => Reflect.get(window, "injected"))).toBeUndefined();
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.injected = 'later'";
    document.body.append(script);
  });
  expect(await page.evaluate(() => Reflect.get(window, "injected"))).toBeUndefined();
});

test("lets nothing but pages run scripts", async ({ page, baseURL }) => {
  for (const path of ["/api/auth/csrf", "/api/openapi.json", "/api/admin/v1/users", "/icon.svg"]) {
    const answer = await page.request.get(baseURL + path);
    expect(answer.headers()["content-security-policy"], path).toMatch(/^default-src 'none';(?!.*script-src)/);
  }
});

test("asks browsers for HTTPS if a trusted proxy has it", async ({ request, gate }) => {
  const server = await startReplica("portal", gate, () => ({ TRUSTED_PROXIES: "127.0.0.0/8" }));
  const hsts = async (headers: Record<string, string>) => {
    const answer = await request.get(`${server.url}/sign-in`, {
      headers: { accept: "text/html", ...headers },
    });
    return answer.headers()["strict-transport-security"];
  };
  try {
    expect(await hsts({ "x-forwarded-proto": "https" })).toBe("max-age=31536000");
    expect(await hsts({ "x-forwarded-proto": "http" })).toBeUndefined();
    expect(await hsts({})).toBeUndefined();
  } finally {
    await server.stop();
  }
  const untrusting = await request.get(`${gate.url}/sign-in`, {
    headers: { accept: "text/html", "x-forwarded-proto": "https" },
  });
  expect(untrusting.headers()["strict-transport-security"]).toBeUndefined();
});
