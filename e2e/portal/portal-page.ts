import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import OpenAI from "openai";
import { PASSWORD as CAST_PASSWORD } from "../admin-api/cast";
import { adminEmail, adminPassword, type Gate } from "../fixtures";

const ADMINISTRATOR = { email: adminEmail, password: adminPassword };

/** Signs in on the page where one is asked to; as the administrator, unless somebody else is given. */
export async function signIn(
  page: Page,
  path = "/",
  { email, password = CAST_PASSWORD }: { email: string; password?: string } = ADMINISTRATOR,
): Promise<void> {
  await page.goto(path);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Sends requests through the gate; what comes back is their ids in the ledger. */
export async function sendRequests(
  gate: Gate,
  scenario: string,
  times = 1,
  stream = false,
): Promise<string[]> {
  const client = new OpenAI({ baseURL: gate.v1, apiKey: gate.seeded.apiKey, maxRetries: 0 });
  const body = { model: gate.model(scenario), messages: [{ role: "user" as const, content: "Hello" }] };
  const send = async () => {
    const answer = await client.chat.completions.create({ ...body, stream }).asResponse();
    await answer.text();
    return answer.headers.get("x-request-id") ?? "";
  };
  return Promise.all(Array.from({ length: times }, send));
}

/** An SDK client of one of the gate's tenants. */
export const clientOf = (gate: Gate, apiKey: string): OpenAI =>
  new OpenAI({ baseURL: gate.v1, apiKey, maxRetries: 0 });

/** Takes one of several from a list that opens. */
export async function choose(page: Page, control: Locator, option: string | RegExp): Promise<void> {
  await control.click();
  await page.getByRole("option", { name: option }).click();
}

/** The links of the navigation beside the page. */
export const navigationLinks = (page: Page): Promise<string[]> =>
  page.getByRole("navigation", { name: "Portal" }).getByRole("link").allTextContents();

/**
 * What axe finds on the page that keeps somebody out.
 * @param rules only these, which is quicker
 */
export async function seriousViolations(page: Page, rules?: string[]): Promise<string[]> {
  // Legacy mode opens no second page for its summary; it matters for frames only, of which there are none.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** How far the page can be scrolled sideways, in pixels: it should not. */
export const sidewaysPx = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
