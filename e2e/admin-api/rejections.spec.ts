import { expect, test } from "./api-test";
import { byKey, chat } from "./data-plane";
import { newTenant } from "./resources";

test("counts rejected requests and lists them for those who may see them", async ({ api, gate }) => {
  const { id, userId, keyId, key } = await newTenant(api);
  for (let n = 0; n < 3; n++) {
    expect((await chat(gate, byKey(key), { temperature: 9 })).outcome).toBe("400 invalid_request");
  }
  expect((await chat(gate, byKey(key), { model: "no-such-model" })).outcome).toBe("404 model_not_found");
  expect((await chat(gate, byKey(key))).outcome).toBe("200");

  const query = { organization_id: id };
  const listed = async () => (await api.adminKey.get("/rejections", { query })).data;
  await expect.poll(async () => (await listed()).length, { intervals: [200] }).toBe(2);
  const who = { organization_id: id, user_id: userId, api_key_id: keyId, app_id: null };
  expect(await listed()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...who,
        code: "invalid_request",
        model: null,
        count: 3,
        last_message: expect.stringContaining("'temperature'"),
        last_at: expect.stringMatching(/Z$/),
        hour: expect.stringMatching(/:00:00\.000Z$/),
      }),
      expect.objectContaining({ ...who, code: "model_not_found", model: "no-such-model", count: 1 }),
    ]),
  );
  const { data } = await api.adminKey.get("/requests", { query });
  expect(data).toHaveLength(1);

  for (const client of [api.orgAdminOfBToken, api.memberSession]) {
    expect((await client.get("/rejections", { query })).data).toEqual([]);
  }
  expect((await api.adminKey.get("/refusals", { query })).data).toEqual(await listed());
  const { status, param } = await api.adminKey.get("/rejections", { query: { cursor: "x" } });
  expect([status, param]).toEqual([400, "cursor"]);
});

test("counts unknown keys by their first characters only", async ({ api, gate }) => {
  const secret = "sk-proj-this-is-somebody-elses-secret";
  expect((await chat(gate, byKey(secret))).outcome).toBe("401 invalid_api_key");
  const query = { code: "invalid_api_key" };
  const listed = async () => JSON.stringify((await api.adminKey.get("/rejections", { query })).body);
  await expect.poll(listed, { intervals: [200] }).toContain('"key_prefix":"sk-p"');
  expect(await listed()).not.toContain("secret");
  expect((await api.orgAdminToken.get("/rejections", { query })).data).toEqual([]);
});

test("says of one request which budget rejected it, what was left and what was needed", async ({
  api,
  gate,
}) => {
  const { id, userId, keyId, key } = await newTenant(api);
  await api.adminKey.patch(`/users/${userId}`, { budget: { limit_usd: "0.000001", period: "week" } });
  const rejected = await chat(gate, byKey(key), { max_tokens: 64 });
  expect(rejected.outcome).toBe("429 insufficient_quota");
  const requestId = rejected.id;

  const query = { organization_id: id };
  const lastIds = async () => (await api.adminKey.get("/rejections", { query })).data[0]?.last_request_ids;
  // Within a second and the time of a write.
  await expect.poll(lastIds, { intervals: [100], timeout: 2_500 }).toEqual([requestId]);
  const { status, body } = await api.adminKey.get(`/rejections/${requestId}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id: requestId,
    code: "insufficient_quota",
    organization_id: id,
    user_id: userId,
    api_key_id: keyId,
    message: expect.stringMatching(
      /^The weekly budget of your user has \$0\.000001 left, and this request needs at least \$0\.[\d]+\. /,
    ),
    budget: {
      scope: "user",
      period: "week",
      remaining_usd: "0.000001",
      held_usd: "0",
      needed_usd: expect.stringMatching(/^0\.0*[1-9]/),
    },
  });

  for (const client of [api.orgAdminOfBToken, api.memberSession]) {
    const { status, code } = await client.get(`/rejections/${requestId}`);
    expect([status, code]).toEqual([404, "not_found"]);
  }
  for (const unknown of [keyId, "x"]) {
    expect((await api.adminKey.get(`/rejections/${unknown}`)).status).toBe(404);
  }
});
