import { randomUUID } from "node:crypto";
import { CRON_SECRET } from "../mounts";
import { expect, test } from "./api-test";
import { byKey, chat } from "./data-plane";
import { newTenant } from "./resources";

const headers = { authorization: `Bearer ${CRON_SECRET}` };

for (const job of ["expiry-sync", "sweep-holds", "retention", "prices", "deliver", "check-targets"]) {
  test(`/api/cron/${job} needs CRON_SECRET and can be repeated`, async ({ gate, api }) => {
    const ask = (more: RequestInit = {}) => fetch(`${gate.url}/api/cron/${job}`, more);
    for (const authorization of [
      "",
      "Bearer ",
      `Bearer ${CRON_SECRET}x`,
      CRON_SECRET,
      `Bearer ${api.cast.tokens.admin}`,
    ]) {
      const rejected = await ask({ headers: { authorization } });
      expect(rejected.status, authorization).toBe(401);
      expect(rejected.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(await rejected.json()).toEqual({
        error: {
          message: expect.any(String),
          type: "authentication_error",
          param: null,
          code: "invalid_api_key",
        },
      });
    }
    expect((await ask({ method: "POST", headers })).status).toBe(405);
    for (const _again of [1, 2]) {
      const done = await ask({ headers });
      expect([done.status, done.headers.get("x-request-id")]).toEqual([
        200,
        expect.stringMatching(/^[0-9a-f-]{36}$/),
      ]);
      expect(await done.json()).toEqual(expect.any(Object));
    }
  });
}

test("retention removes old rows from the ledger only", async ({ gate, api }) => {
  const { id, userId, key } = await newTenant(api);
  const budget = { limit_usd: "1", period: "total" };
  await api.adminKey.patch(`/users/${userId}`, { budget });
  const old = await chat(gate, byKey(key));
  const oldId = `01000000-0000-7000-8000-${randomUUID().slice(24)}`;
  await gate.sql`
    UPDATE ledger SET id = ${oldId}, created_at = created_at - interval '100 days' WHERE id = ${old.id}`;
  await gate.sql.begin(async (tx) => {
    // Not while usage is rolled up.
    await tx`SELECT pg_advisory_xact_lock(742117901145)`;
    const ofTenant = tx`(SELECT id FROM usage_groups WHERE organization_id = ${id})`;
    await tx`UPDATE usage_pending SET at = at - interval '100 days' WHERE organization_id = ${id}`;
    await tx`UPDATE usage_quarters SET at = at - interval '100 days' WHERE group_id IN ${ofTenant}`;
    await tx`UPDATE usage_days SET day = day - 100 WHERE group_id IN ${ofTenant}`;
  });
  const recent = await chat(gate, byKey(key));
  const query = { group_by: "day", organization_id: id, from: "2000-01-01" };
  const usage = async () => [
    (await api.adminKey.get(`/users/${userId}/usage`)).body,
    (await api.adminKey.get("/usage", { query })).data,
  ];
  const before = await usage();
  expect(before[0]).toMatchObject({ requests: 2, budget: { spent_usd: "0.0000087" } });
  const done = await (await fetch(`${gate.url}/api/cron/retention`, { headers })).json();
  expect(done).toMatchObject({
    requests: 1,
    complete: true,
    idempotency_keys: expect.any(Number),
    sign_in_failures: expect.any(Number),
    rejections: expect.any(Number),
  });
  const { data } = await api.adminKey.get("/requests", { query: { organization_id: id } });
  expect(data.map((row) => row.id)).toEqual([recent.id]);
  expect((await api.adminKey.get(`/requests/${oldId}`)).status).toBe(404);
  expect(await usage()).toEqual(before);
  expect(before[1]).toHaveLength(2);
});
