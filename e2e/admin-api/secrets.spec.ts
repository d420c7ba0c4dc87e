import { day } from "#lib/services/testing/day";
import { ADMIN_EMAIL, ADMIN_PASSWORD } from "../mounts";
import { type Api, expect, test } from "./api-test";
import { asksProvider } from "./client";
import { byKey, outcome } from "./data-plane";
import { signInOverHttp } from "./sign-in";

const PREFIX = "/api/admin/v1";
/** Required query parameters. */
const QUERIES: readonly (readonly [path: RegExp, query: string])[] = [
  [/^\/reconciliation\/provider-usage$/, `?provider=x&from=${day(-1)}&to=${day(1)}`],
  [/^\/providers\/[^/]+\/price$/, "?model=gpt-5"],
];
const queryOf = (path: string) => QUERIES.find(([known]) => known.test(path))?.[1] ?? "";

/** The paths of all read operations, with the ids of existing resources. */
async function readablePaths(url: string, client: Api["adminKey"]): Promise<string[]> {
  const { paths } = await (await fetch(`${url}/api/openapi.json`)).json();
  const templates = Object.entries<object>(paths)
    .filter(([path, methods]) => path.startsWith(PREFIX) && "get" in methods)
    .map(([path]) => path.slice(PREFIX.length));
  const filled = templates.map(async (template) => {
    const [parameter, name] = /\{(\w+)\}/.exec(template) ?? [];
    if (parameter === undefined) return [template];
    const list = template.slice(0, template.indexOf(`/${parameter}`));
    const { data } = await client.get(list, { query: { limit: 2 } });
    const ids = data.flatMap((row) => (name === "request_id" ? row.last_request_ids : row.id));
    return ids.map((id) => template.replace(parameter, String(id)));
  });
  return (await Promise.all(filled)).flat();
}

// The client looks for the stored form of every secret and the provider's credential in each response.
test("no response contains a secret, for any role", async ({ api, gate }) => {
  expect(await outcome(gate, byKey(gate.seeded.apiKey), { temperature: 9 })).toBe("400 invalid_request");
  const rejections = async () => (await api.adminKey.get("/rejections")).data;
  await expect.poll(rejections, { intervals: [200] }).not.toEqual([]);
  const paths = await readablePaths(gate.url, api.adminKey);
  expect(paths.some((path) => /^\/rejections\/[0-9a-f-]{36}$/.test(path))).toBe(true);
  expect(paths.length).toBeGreaterThan(20);
  for (const client of [api.adminKey, api.orgAdminToken, api.viewerToken, api.memberSession]) {
    for (const path of paths) {
      const { status } = await client.get(path + queryOf(path));
      expect(asksProvider(path) ? [200, 403, 404, 502] : [200, 403, 404], path).toContain(status);
    }
  }
});

test("no page or public document contains a secret", async ({ api, gate }) => {
  const cookie = await signInOverHttp(gate.url, ADMIN_EMAIL, ADMIN_PASSWORD);
  for (const path of ["/", "/keys", "/requests", "/docs", "/health", "/api/openapi.json", "/nothing-here"]) {
    const text = await (await fetch(gate.url + path, { headers: { cookie } })).text();
    const secrets = [gate.seeded.canary, gate.encryptionKey, ...api.cast.stored];
    expect(
      secrets.filter((secret) => text.includes(secret)),
      path,
    ).toEqual([]);
  }
});
