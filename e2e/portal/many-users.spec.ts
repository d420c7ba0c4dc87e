import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { migrate } from "#lib/db/migrate";
import { test as base, expect, type Gate } from "../fixtures";
import { ADMIN_EMAIL, ADMIN_PASSWORD } from "../mounts";
import { startReplica } from "../replica";
import { choose, signIn } from "./portal-page";

const USERS = 10_000;
const ORGANIZATIONS = 2_000;

type Crowd = { url: string; sql: postgres.Sql };

/** A portal with a database of its own, which has many users and organizations. */
async function withCrowd({ databaseUrl }: Gate, use: (crowd: Crowd) => Promise<void>): Promise<void> {
  const name = `crowd_${randomBytes(4).toString("hex")}`;
  const maintenance = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await maintenance.unsafe(`CREATE DATABASE ${name}`);
  const crowdUrl = new URL(databaseUrl);
  crowdUrl.pathname = `/${name}`;
  await migrate(crowdUrl.href);
  const sql = postgres(crowdUrl.href, { max: 1, onnotice: () => {} });
  await sql`INSERT INTO organizations (name) SELECT 'Crowd ' || lpad(n::text, 5, '0') FROM generate_series(1, ${ORGANIZATIONS}::int) n`;
  await sql`INSERT INTO users (email, name, role, organization_id)
    SELECT 'crowd-' || n || '@tollgate.test', 'Person ' || n, 'member',
      (SELECT id FROM organizations WHERE name = 'Crowd ' || lpad((1 + n % 3)::text, 5, '0'))
    FROM generate_series(1, ${USERS}::int) n`;
  await sql`INSERT INTO api_keys (name, organization_id, user_id, key_hash, key_prefix)
    SELECT 'Key ' || id, organization_id, id, sha256(id::text::bytea), 'tg_live_crwd' FROM users
    WHERE organization_id IS NOT NULL LIMIT 200`;
  const encryptionKey = randomBytes(32).toString("base64");
  const server = await startReplica("portal", { databaseUrl: crowdUrl.href, encryptionKey }, () => ({
    ADMIN_EMAIL,
    ADMIN_PASSWORD,
  }));
  await use({ url: server.url, sql });
  await server.stop();
  await sql.end();
  await maintenance.unsafe(`DROP DATABASE ${name} WITH (FORCE)`);
  await maintenance.end();
}

const test = base.extend<object, { crowd: Crowd }>({
  crowd: [({ gate }, use) => withCrowd(gate, use), { scope: "worker", timeout: 120_000 }],
});

/** Every page with a form or filter that chooses a user or an organization, with the size of its HTML in kB. */
const PAGES: Record<string, number> = {
  "/keys?new=true": 500,
  "/keys": 500,
  "/users": 400,
  "/apps": 100,
  "/tokens": 100,
  "/webhooks": 100,
  "/requests": 100,
  "/rejections": 100,
  "/audit": 200,
  "/organizations": 400,
};

test("sends a bounded page, however many users and organizations there are", async ({ page, crowd }) => {
  await signIn(page, `${crowd.url}/sign-in`);
  const sizes: Record<string, number> = {};
  for (const [path, mostKb] of Object.entries(PAGES)) {
    const html = await (
      await page.request.get(crowd.url + path, { headers: { accept: "text/html" } })
    ).text();
    sizes[path] = Math.round(html.length / 1000);
    expect(sizes[path], `kB of ${path}: ${JSON.stringify(sizes)}`).toBeLessThan(mostKb);
    const named = (pattern: RegExp) => new Set(html.match(pattern)).size;
    expect(named(/crowd-\d+@/g), `e-mail addresses in ${path}`).toBeLessThanOrEqual(50);
    expect(named(/Crowd \d{5}/g), `organizations in ${path}`).toBeLessThanOrEqual(70);
  }
  test.info().annotations.push({ type: "kB", description: JSON.stringify(sizes) });
});

test("finds a key's organization and owner on the server, by keyboard too", async ({ page, crowd }) => {
  await signIn(page, `${crowd.url}/sign-in`);
  await page.goto(`${crowd.url}/keys?new=true`);
  const dialog = page.getByRole("dialog", { name: "Create key" });
  await dialog.getByLabel("Name").fill("for one of many");
  const organization = dialog.getByLabel("Organization", { exact: true });
  await choose(page, organization, "Crowd 00002");
  await expect(organization).toHaveText("Crowd 00002");

  const owner = dialog.getByLabel("Owner");
  await owner.press("Enter");
  await expect(page.getByRole("option")).toHaveCount(21);
  await page.keyboard.type("person 9997");
  await expect(page.getByRole("option")).toHaveText([/Person 9997/]);
  await page.keyboard.press("Enter");
  await expect(owner).toHaveText("Person 9997");
  await expect(owner).toBeFocused();

  await owner.press("Enter");
  await page.keyboard.type("no such person");
  await expect(page.getByText("No matches.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(owner).toBeFocused();
  await expect(owner).toHaveText("Person 9997");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByLabel("Your key")).toBeVisible();
  const [key] = await crowd.sql`SELECT u.email, o.name AS organization FROM api_keys k
    JOIN users u ON u.id = k.user_id JOIN organizations o ON o.id = k.organization_id
    WHERE k.name = 'for one of many'`;
  expect(key).toEqual({ email: "crowd-9997@tollgate.test", organization: "Crowd 00002" });
});

test("filters by an organization beyond the first ones, and keeps its name", async ({ page, crowd }) => {
  await signIn(page, `${crowd.url}/sign-in`);
  await page.goto(`${crowd.url}/users`);
  const filter = page.getByRole("combobox", { name: "Organization" });
  await choose(page, filter, "Crowd 01234");
  await expect(page).toHaveURL(/organization=/);
  await expect(page.getByRole("heading", { name: "No results" })).toBeVisible();
  await page.reload();
  await expect(filter).toHaveText("Crowd 01234");
  await choose(page, filter, /Any organization/);
  await expect(page).toHaveURL(`${crowd.url}/users`);
});
