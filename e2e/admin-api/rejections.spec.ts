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
