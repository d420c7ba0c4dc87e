import { day } from "#lib/services/testing/day";
import type { Gate } from "../fixtures";
import { type Api, expect, test } from "./api-test";
import type { Answer } from "./client";
import { byApp, byKey, chat } from "./data-plane";
import { expectInvalidQueries, UNAUTHORIZED } from "./expectations";
import { createResource, newKey, newTenant, tokensOf, unique } from "./resources";

const COST = "0.00000435";
const HOUR_MS = 3_600_000;

/** Three requests: a user's with two tags, an app's, and one that fails. */
async function tenantWithUsage(api: Api, gate: Gate) {
  const tenant = await newTenant(api);
  const tags = [unique("tag"), "=1+1"];
  const tagged = await newKey(api, { user_id: tenant.userId }, { tags });
  const app = await createResource(api.adminKey, "/apps", { name: "app, or so", organization_id: tenant.id });
  await chat(gate, byKey(tagged.key));
  const ofApp = await chat(gate, byApp(String(Object(app).secret), app.id));
  await chat(gate, byKey(tenant.key), { model: gate.model("status-400") });
  return { ...tenant, taggedId: tagged.id, tags, appId: app.id, requestOfApp: ofApp.id };
}

const usageBy = (api: Api, organization_id: string, query: Record<string, string>) =>
  api.adminKey.get("/usage", { query: { organization_id, ...query } });

const groups = ({ data }: Answer) => new Map(data.map((row) => [row.group, row]));

const one = { requests: 1, input_tokens: 9, output_tokens: 5, cost_usd: COST, errors: 0 };
const failed = { requests: 1, output_tokens: 0, cost_usd: "0", errors: 1 };
const all = { requests: 3, output_tokens: 10, cost_usd: "0.0000087", errors: 1 };

test("groups by everything the contract names", async ({ api, gate }) => {
  const { id, userId, keyId, taggedId, tags, appId } = await tenantWithUsage(api, gate);
  const now = new Date();
  const hour = `${now.toISOString().slice(0, 13)}:00:00.000Z`;
  const expected: Record<string, [group: string | null, figures: Record<string, unknown>][]> = {
    hour: [[hour, all]],
    day: [[hour.slice(0, 10), all]],
    organization: [[id, all]],
    user: [
      [userId, { requests: 2, output_tokens: 5, cost_usd: COST, errors: 1 }],
      [null, one],
    ],
    api_key: [
      [taggedId, one],
      [keyId, failed],
      [null, one],
    ],
    app: [
      [appId, one],
      [null, { requests: 2, cost_usd: COST, errors: 1 }],
    ],
    model: [
      [gate.model("instant"), { requests: 2, cost_usd: "0.0000087" }],
      [gate.model("status-400"), failed],
    ],
    provider: [[gate.seeded.providerName, all]],
    tag: [
      ...tags.map((tag): [string, Record<string, unknown>] => [tag, one]),
      [null, { requests: 2, errors: 1 }],
    ],
  };
  for (const [group_by, rows] of Object.entries(expected)) {
    const answer = await usageBy(api, id, { group_by });
    expect(answer.status).toBe(200);
    const found = groups(answer);
    expect([...found.keys()].toSorted(), group_by).toEqual(rows.map(([group]) => group).toSorted());
    for (const [group, figures] of rows)
      expect(found.get(group), `${group_by} ${group}`).toMatchObject(figures);
  }
});

test("from is inclusive and to exclusive, to the millisecond, by the start of a request", async ({
  api,
  gate,
}) => {
  const { id, appId, requestOfApp } = await tenantWithUsage(api, gate);
  const began = Date.parse(String((await api.adminKey.get(`/requests/${requestOfApp}`)).body.created_at));
  const count = async (from: number | string, to: number | string) => {
    const [first, last] = [from, to].map((at) => (typeof at === "number" ? new Date(at).toISOString() : at));
    const query = { group_by: "app", app_id: appId, from: String(first), to: String(last) };
    return (await usageBy(api, id, query)).data.reduce((sum, row) => sum + Number(row.requests), 0);
  };
  expect(await count(began, began + 1)).toBe(1);
  expect(await count(began - 1000, began)).toBe(0);
  expect(await count(began + 1, began + 1000)).toBe(0);
  expect(await count(began - 30 * HOUR_MS, began + 30 * HOUR_MS)).toBe(1);
  expect(await count(day(-1), day(1))).toBe(1);
  expect(await count(day(1), day(2))).toBe(0);
  expect(await count("2020-01-01T00:00:00+02:00", "2020-01-02")).toBe(0);
});

test("exports CSV whose cells are not run as formulas", async ({ api, gate }) => {
  const { id, appId, tags } = await tenantWithUsage(api, gate);
  const csv = (group_by: string) => usageBy(api, id, { group_by, format: "csv" });
  const byAppCsv = await csv("app");
  expect([byAppCsv.status, byAppCsv.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
  const [head, ...lines] = byAppCsv.text.trimEnd().split("\r\n");
  expect(head).toMatch(/^group,requests,input_tokens,output_tokens,cost_usd,errors(,|$)/);
  expect(lines.find((line) => line.startsWith(appId))).toContain(`${appId},1,9,5,${COST},0,"app, or so",0,`);
  const byTag = await csv("tag");
  expect(byTag.text).toContain(`\r\n${tags[0]},1,9,5,${COST},0`);
  expect(byTag.text).toContain("\r\n'=1+1,");
  const json = await usageBy(api, id, { group_by: "app", format: "json" });
  expect(json.data).toEqual((await usageBy(api, id, { group_by: "app" })).data);
});

test("rejects an invalid query and names the parameter", async ({ api }) => {
  await expectInvalidQueries(api.adminKey, "/usage", [
    ["group_by", "color"],
    ["format", "xml"],
    ["from", "yesterday"],
    ["to", "2026-02-30"],
    ["color", "red"],
    ["user_id", "x"],
  ]);
  const backwards = await api.adminKey.get("/usage", { query: { from: day(1), to: day(0) } });
  expect([backwards.status, backwards.param]).toEqual([400, "to"]);
  expect((await api.adminKey.get("/usage", { query: { from: day(0), to: day(0) } })).data).toEqual([]);
});

test("shows an organization's staff its usage, and a member their own", async ({ api, gate }) => {
  const { id } = await tenantWithUsage(api, gate);
  const { orgAdmin, viewer } = await tokensOf(api, id);
  const byOrganization = { query: { group_by: "organization" } };
  for (const client of [orgAdmin, viewer]) {
    expect((await client.get("/usage", byOrganization)).data).toMatchObject([{ group: id, ...all }]);
    for (const group_by of ["hour", "tag", "user"]) {
      const query = { group_by, organization_id: api.cast.b.id };
      expect((await client.get("/usage", { query })).data).toEqual([]);
    }
  }
  await chat(gate, byKey(api.cast.a.key.secret));
  const { key: ofAll } = await newKey(api, { organization_id: api.cast.a.id });
  await chat(gate, byKey(ofAll));
  const byUser = { query: { group_by: "user" } };
  const own = (await api.memberSession.get("/usage", byUser)).data;
  expect(own.map((row) => row.group)).toEqual([api.cast.a.member.id]);
  expect((await api.viewerSession.get("/usage", byUser)).data.length).toBeGreaterThan(own.length);
  const allGroups = (await api.adminSession.get("/usage", byOrganization)).data.map((row) => row.group);
  expect(allGroups).toEqual(expect.arrayContaining([id, api.cast.a.id]));
  const { status, code } = await api.anonymous.get("/usage");
  expect([status, code]).toEqual(UNAUTHORIZED);
});

test("reports, budgets and ledger have the same sums", async ({ api, gate }) => {
  const { id, key } = await newTenant(api);
  await api.adminKey.patch(`/organizations/${id}`, { budget: { limit_usd: "1", period: "day" } });
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      chat(gate, byKey(key), { model: gate.model(n % 2 ? "usage-cached-reasoning" : "instant") }),
    ),
  );
  const pico = (usd: unknown) =>
    BigInt(String(usd).replace(/^(\d+)\.?(\d*)$/, (_, whole, part) => whole + part.padEnd(12, "0")));
  const sum = (rows: Record<string, unknown>[]) =>
    rows.reduce((total, row) => total + pico(row.cost_usd), 0n);
  const ledger = await api.adminKey.get("/requests", { query: { organization_id: id, limit: 200 } });
  const usage = (await api.adminKey.get(`/organizations/${id}/usage`)).body;
  expect(ledger.data).toHaveLength(20);
  expect(sum((await usageBy(api, id, { group_by: "model" })).data)).toBe(sum(ledger.data));
  expect(pico(usage.cost_usd)).toBe(sum(ledger.data));
  expect(usage.budget).toMatchObject({ spent_usd: usage.cost_usd, held_usd: "0" });
});
