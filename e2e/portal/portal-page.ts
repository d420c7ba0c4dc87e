import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Locator, Page, Request } from "@playwright/test";
import OpenAI from "openai";
import { PASSWORD as CAST_PASSWORD } from "../admin-api/cast";
import { adminEmail, adminPassword, expect, type Gate } from "../fixtures";
import { ADMIN_API_KEY } from "../mounts";

const ADMINISTRATOR = { email: adminEmail, password: adminPassword };

type Person = { email: string; password?: string };
type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

/** The cookies of the administrator's session on each server, which the specs of a worker share. */
const administratorCookies = new Map<string, Cookies>();

/**
 * Opens a page as someone who is signed in, as the administrator by default. The administrator's session is shared:
 * a spec that ends or lists sessions starts its own with `signInOnPage`, as does one about signing in.
 */
export async function signIn(page: Page, path = "/", person: Person = ADMINISTRATOR): Promise<void> {
  const context = page.context();
  const origin = URL.canParse(path) ? new URL(path).origin : "";
  const shared = person === ADMINISTRATOR ? administratorCookies.get(origin) : undefined;
  if (shared === undefined) await startSession(page, origin, person);
  else await context.addCookies(shared);
  if (person === ADMINISTRATOR) administratorCookies.set(origin, await context.cookies());
  await page.goto(path);
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Starts a session with the requests that the sign-in page sends. */
async function startSession(
  page: Page,
  origin: string,
  { email, password = CAST_PASSWORD }: Person,
): Promise<void> {
  const { csrfToken } = await (await page.request.get(`${origin}/api/auth/csrf`)).json();
  const answer = await page.request.post(`${origin}/api/auth/callback/credentials`, {
    form: { csrfToken, email, password, json: "true" },
  });
  expect(answer.status(), `the sign-in of ${email}`).toBe(200);
}

/** Signs in on the page that `path` redirects to, as the administrator by default. */
export async function signInOnPage(
  page: Page,
  path = "/",
  { email, password = CAST_PASSWORD }: Person = ADMINISTRATOR,
): Promise<void> {
  await page.goto(path);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Waits until the page's scripts have taken over an element: what is done to it before may have no effect. */
export const hydrated = (element: Locator): Promise<void> =>
  expect
    .poll(() => element.evaluate((node) => Object.keys(node).some((key) => key.startsWith("__reactProps"))), {
      message: "React has hydrated the element",
      intervals: [50],
    })
    .toBe(true);

const QUIET_MS = 500;

/**
 * Follows the requests of a page from now on.
 * @returns waits until all are answered and the page has sent none for half a second
 */
export function quietOf(page: Page): () => Promise<void> {
  const open = new Set<Request>();
  let lastAtMs = performance.now();
  const note = (change: (request: Request) => void) => (request: Request) => {
    change(request);
    lastAtMs = performance.now();
  };
  page.on(
    "request",
    note((request) => open.add(request)),
  );
  const forget = note((request) => open.delete(request));
  page.on("requestfinished", forget);
  page.on("requestfailed", forget);
  return async () => {
    lastAtMs = performance.now();
    await expect
      .poll(() => open.size === 0 && performance.now() - lastAtMs > QUIET_MS, {
        message: "the page sends no requests",
        intervals: [50],
      })
      .toBe(true);
  };
}

/** Another browser, which shares no cookies with the test's page. */
export async function elsewhere(browser: Browser, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext();
  await use(await context.newPage());
  await context.close();
}

/** A page without JavaScript, of whom another page is signed in as. */
export async function withoutJavaScript(
  page: Page,
  browser: Browser,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const storageState = await page.context().storageState();
  const context = await browser.newContext({ storageState, javaScriptEnabled: false });
  await use(await context.newPage());
  await context.close();
}

/** Sends requests through the gateway and returns their ids in the ledger. */
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

/** An SDK client with a tenant's key. */
export const clientOf = (gate: Gate, apiKey: string): OpenAI =>
  new OpenAI({ baseURL: gate.v1, apiKey, maxRetries: 0 });

/** Sends a short request. */
export const sayHello = (gate: Gate, client: OpenAI) =>
  client.chat.completions.create({
    model: gate.model("instant"),
    messages: [{ role: "user", content: "Hello" }],
  });

/** An SDK client of an app that names its user. */
export const appClientOf = (gate: Gate, app: Record<"x-gateway-secret" | "x-app-id", string>, oid: string) =>
  new OpenAI({
    baseURL: gate.v1,
    apiKey: "unused",
    maxRetries: 0,
    defaultHeaders: { Authorization: null, ...app, "x-user-oid": oid },
  });

/**
 * Asks the Admin API as the installation's administrator.
 * @param path below /api/admin/v1
 */
export async function askAdminApi(gate: Gate, path: string, method = "GET", body?: unknown) {
  const answer = await fetch(`${gate.url}/api/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_API_KEY}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
  return answer.status === 204 ? null : answer.json();
}

/** Chooses an item of a page's or row's menu of actions. */
export async function chooseAction(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole("button", { name: `More actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

/** Chooses an option of a select, or of one that searches on the server. */
export async function choose(page: Page, control: Locator, option: string | RegExp): Promise<void> {
  // Read first: an open list hides the control from roles.
  const searches = (await control.getAttribute("aria-haspopup")) === "dialog";
  await control.click();
  if (searches && typeof option === "string") {
    await page.getByRole("combobox", { name: "Search" }).fill(option);
  }
  await page.getByRole("option", { name: option }).first().click();
}

/** The dialogs that create something, by their addresses; the one of keys has more to check. */
export const CREATE_FORMS = [
  "organizations",
  "users",
  "apps",
  "tokens",
  "webhooks",
  "providers",
  "models",
].map((page) => `/${page}?new=true`);

/** Adds a webhook with a delivery that failed. Returns its id. */
export async function addWebhook(
  { sql }: Pick<Gate, "sql">,
  organizationId: string | null = null,
): Promise<string> {
  const [row] = await sql`INSERT INTO webhooks (organization_id, url, events, format, secret)
    VALUES (${organizationId}, 'http://127.0.0.1:9/hook', '{key.expiring}', 'standard', '\\x00') RETURNING id`;
  await sql`INSERT INTO webhook_deliveries
    (webhook_id, event_id, type, event_at, data, status, attempts, last_attempt_at, error)
    VALUES (${row?.id}, gen_random_uuid(), 'key.expiring', now(), '{}', 'failed', 8, now(), 'connection refused')`;
  return `${row?.id}`;
}

/** Every page of the portal, each with content. */
export async function everyPage(gate: Gate): Promise<string[]> {
  const [id] = await sendRequests(gate, "instant");
  const { organization, user, apiKey } = gate.seeded.ids;
  const [app] = await gate.sql`INSERT INTO apps (name, organization_id, secret_hash)
    VALUES ('An app', ${organization}, sha256(random()::text::bytea)) RETURNING id`;
  await gate.sql`INSERT INTO admin_tokens (name, role, token_hash, token_prefix, created_by)
    VALUES ('A token', 'admin', sha256(random()::text::bytea), 'tga_a', 'e2e')`;
  const [target] = await gate.sql`SELECT model_id, provider_id FROM model_targets LIMIT 1`;
  const webhook = await addWebhook(gate);
  return [
    "/",
    "/usage",
    "/usage?group=user&by=model&range=today",
    "/providers",
    `/providers/${target?.provider_id}`,
    "/models",
    `/models/${target?.model_id}`,
    "/requests",
    `/requests/${id}`,
    "/rejections",
    "/notices",
    "/organizations",
    `/organizations/${organization}`,
    "/users",
    `/users/${user}`,
    "/payments",
    "/keys",
    `/keys/${apiKey}`,
    "/apps",
    `/apps/${app?.id}`,
    "/tokens",
    "/webhooks",
    `/webhooks/${webhook}`,
    "/audit",
    "/account",
  ];
}

/** The labels of the navigation's links. */
export const navigationLinks = (page: Page): Promise<string[]> =>
  page.getByRole("navigation", { name: "Portal" }).getByRole("link").allTextContents();

/** Expects that the navigation has none of these links, and that these addresses answer 404. */
export async function expectHidden(page: Page, links: string[], addresses: string[]): Promise<void> {
  const shown = await navigationLinks(page);
  for (const link of links) expect(shown).not.toContain(link);
  for (const address of addresses) expect((await page.goto(address))?.status(), address).toBe(404);
}

/**
 * The serious and critical accessibility violations that axe finds on the page.
 * @param rules limits the check, for speed
 */
export async function seriousViolations(page: Page, rules?: string[]): Promise<string[]> {
  await motionEnds(page);
  // Legacy mode does not open a second page. It differs for frames only, which the portal does not have.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** Waits until nothing fades or moves: half-transparent text has no contrast of its own. */
async function motionEnds(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      !document.querySelector("[data-sonner-toast][data-removed=true]") &&
      document
        .getAnimations()
        .every(
          ({ playState, effect }) =>
            playState !== "running" || effect?.getComputedTiming().endTime === Infinity,
        ),
  );
}

/** How far the page scrolls sideways, in pixels. */
export const sidewaysPx = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
