import { expect, test } from "./api-test";
import { newOrganization, newUser } from "./resources";

test("a key only narrows what its organization and its user allow", async ({ api }) => {
  const member_keys = { max: 2, allowed_ips: ["10.0.0.0/8"], max_days: 30 };
  const organization = await newOrganization(api, { allowed_models: ["small", "large"], member_keys });
  expect(organization).toMatchObject({ allowed_models: ["small", "large"], member_keys });
  const user = await newUser(api, String(organization.id), { allowed_models: ["small"] });
  expect(user).toMatchObject({ allowed_models: ["small"] });
  const expires_at = new Date(Date.now() + 86_400_000).toISOString();
  const create = (more: object) =>
    api.adminKey.post("/api-keys", { name: "bounded", user_id: user.id, expires_at, ...more });
  for (const [wider, allows] of [
    [{ allowed_models: ["large"] }, "small"],
    [{ allowed_ips: ["0.0.0.0/0"] }, "10.0.0.0/8"],
    [{ expires_at: null }, "max_days is 30"],
  ] as const) {
    const { status, text } = await create(wider);
    expect([status, text]).toEqual([400, expect.stringContaining(allows)]);
  }
  expect((await create({ allowed_models: ["small"], allowed_ips: ["10.1.2.3"] })).status).toBe(201);
  expect((await create({})).status).toBe(201);
  const oneTooMany = await create({});
  expect([oneTooMany.status, oneTooMany.text]).toEqual([400, expect.stringContaining("max is 2")]);
});
