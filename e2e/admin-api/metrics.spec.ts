import { expect, test } from "./api-test";

test("counts a new request", async ({ api, gate }) => {
  const before = (await api.adminToken.get("/metrics")).body;
  const answer = await fetch(`${gate.v1}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${api.cast.a.key.secret}`, "content-type": "application/json" },
    body: JSON.stringify({ model: gate.model("instant"), messages: [{ role: "user", content: "Hello" }] }),
  });
  await answer.text();
  expect(answer.status).toBe(200);
  const { body } = await api.adminToken.get("/metrics");
  expect(body.total_requests).toBe(Number(before.total_requests) + 1);
  expect(body).toMatchObject({
    average_response_ms: expect.any(Number),
    uptime_seconds: expect.any(Number),
    users: expect.any(Number),
    organizations: expect.any(Number),
    api_keys: { active: expect.any(Number), revoked: expect.any(Number), total: expect.any(Number) },
    last_updated: expect.stringMatching(/Z$/),
  });
});

test("shows an org_admin their organization's figures only", async ({ api }) => {
  for (const client of [api.orgAdminToken, api.orgAdminSession]) {
    const { body } = await client.get("/metrics");
    expect(body).toMatchObject({ organizations: 1, api_keys: { total: expect.any(Number) } });
    expect(JSON.stringify(body)).not.toContain(api.cast.b.member.email);
  }
  expect((await api.orgAdminOfBToken.get("/metrics")).body).toMatchObject({
    total_requests: 0,
    top_users: [],
  });
});
