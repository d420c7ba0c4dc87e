import type { Gate } from "../fixtures";
import { type Api, expect, test } from "./api-test";
import { PASSWORD, seedCast } from "./cast";
import { byApp, byKey, type Credentials, outcome } from "./data-plane";
import { newApp } from "./resources";
import { signInOverHttp } from "./sign-in";

/** Where the tests send requests from. */
const HERE = ["127.0.0.1", "::1"];
const MODELS = ["instant", "stream-100"] as const;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

/** A tenant of its own, the client of its member's session, and of its administrator. */
async function tenant(api: Api, gate: Gate) {
  const { a, b } = await seedCast(gate);
  const session = async (email: string) =>
    api.as({ cookie: await signInOverHttp(gate.url, email, PASSWORD), origin: gate.url });
  /** The outcome for each model. */
  const ask = async (credentials: Credentials) =>
    Promise.all(MODELS.map((name) => outcome(gate, credentials, { model: gate.model(name) })));
  const bound = (body: object) => api.adminKey.patch(`/organizations/${a.id}`, body);
  return { a, b, member: await session(a.member.email), ask, bound };
}

const OF_BOTH = ["200", "200"];
const OF_FIRST = ["200", "403 model_not_allowed"];
const OF_NONE = ["403 model_not_allowed", "403 model_not_allowed"];
const FROM_ELSEWHERE = ["403 ip_not_allowed", "403 ip_not_allowed"];

test("models and addresses bind the next request of a key, old or new, rotated or re-created", async ({
  api,
  gate,
}) => {
  const { a, member, ask, bound } = await tenant(api, gate);
  expect(await ask(byKey(a.key.secret))).toEqual(OF_BOTH);
  await bound({ member_keys: { max: 5, allowed_ips: ["192.0.2.0/24"] } });
  expect(await ask(byKey(a.key.secret))).toEqual(FROM_ELSEWHERE);
  const fresh = await member.post("/api-keys", { name: "escape" });
  expect(fresh.status).toBe(201);
  expect(await ask(byKey(String(fresh.body.key)))).toEqual(FROM_ELSEWHERE);

  await bound({ allowed_models: [gate.model("instant")], member_keys: { max: 5, allowed_ips: HERE } });
  const rotated = await member.post(`/api-keys/${a.key.id}/rotate`, { grace_seconds: 600 });
  expect((await member.delete(`/api-keys/${fresh.id}`)).status).toBe(204);
  const again = await member.post("/api-keys", { name: "escape" });
  for (const key of [a.key.secret, rotated.body.key, again.body.key]) {
    expect(await ask(byKey(String(key)))).toEqual(OF_FIRST);
  }
  expect((await api.adminKey.patch(`/users/${a.member.id}`, { allowed_models: [] })).status).toBe(200);
  for (const key of [a.key.secret, rotated.body.key, again.body.key]) {
    expect(await ask(byKey(String(key)))).toEqual(OF_NONE);
  }
  expect((await api.adminKey.patch(`/users/${a.member.id}`, { allowed_models: null })).status).toBe(200);
  await bound({ allowed_models: null, member_keys: null });
  expect(await ask(byKey(a.key.secret))).toEqual(OF_BOTH);
});

test("an app obeys the organization's models, and those of the user whom it names", async ({ api, gate }) => {
  const { a, ask, bound } = await tenant(api, gate);
  const { id, secret } = await newApp(api, a.id);
  await api.adminKey.patch(`/users/${a.member.id}`, { external_id: "person-7", allowed_models: [] });
  expect(await ask(byApp(secret, id))).toEqual(OF_BOTH);
  expect(await ask(byApp(secret, id, "person-7"))).toEqual(OF_NONE);
  await bound({ allowed_models: [gate.model("instant")] });
  expect(await ask(byApp(secret, id))).toEqual(OF_FIRST);
  const wider = await api.adminKey.patch(`/apps/${id}`, { allowed_models: [gate.model("stream-100")] });
  expect([wider.status, wider.param, wider.message]).toEqual([
    400,
    "allowed_models",
    expect.stringContaining(`does not have ${gate.model("stream-100")}`),
  ]);
});

test("a wider key is a 400 at its field, whatever is asked for", async ({ api, gate }) => {
  const { member, bound } = await tenant(api, gate);
  const { status } = await bound({
    allowed_models: [gate.model("instant")],
    member_keys: { max: 2, allowed_ips: HERE, max_days: 30 },
  });
  expect(status).toBe(200);
  const create = (more: object) => member.post("/api-keys", { name: "new", expires_at: inDays(29), ...more });
  const widers: [more: object, param: string][] = [
    [{ allowed_models: [gate.model("stream-100")] }, "allowed_models"],
    [{ allowed_ips: ["0.0.0.0/0"] }, "allowed_ips"],
    [{ allowed_ips: ["::/0"] }, "allowed_ips"],
    [{ expires_at: null }, "expires_at"],
    [{ expires_at: undefined }, "expires_at"],
    [{ expires_at: inDays(31) }, "expires_at"],
  ];
  for (const [more, param] of widers) {
    const answer = await create(more);
    expect([answer.status, answer.param], JSON.stringify(more)).toEqual([400, param]);
  }
  expect((await create({ allowed_ips: ["127.0.0.1"] })).status).toBe(201);
  const oneTooMany = await create({});
  expect([oneTooMany.status, oneTooMany.param]).toEqual([400, "user_id"]);
});

test("a rotation ends a key within max_days, and none is possible in excess of max", async ({
  api,
  gate,
}) => {
  const { a, member, bound } = await tenant(api, gate);
  const second = await member.post("/api-keys", { name: "second" });
  await bound({ member_keys: { max: 1, max_days: 30 } });
  const inExcess = await member.post(`/api-keys/${a.key.id}/rotate`);
  expect([inExcess.status, inExcess.message]).toEqual([400, expect.stringContaining("revoke one first")]);
  await member.post(`/api-keys/${second.id}/revoke`);
  const rotated = await member.post(`/api-keys/${a.key.id}/rotate`);
  expect(rotated.status).toBe(200);
  expect(Date.parse(String(rotated.body.expires_at))).toBeLessThanOrEqual(Date.parse(inDays(30)));
});

test("a member changes nothing of a key that bounds or routes it, nor its owner", async ({ api, gate }) => {
  const { a, b, member } = await tenant(api, gate);
  const [provider] = await gate.sql`SELECT id FROM providers WHERE name = ${gate.seeded.providerName}`;
  const set = {
    allowed_models: [gate.model("instant")],
    allowed_ips: ["192.0.2.1"],
    budget: { limit_usd: "0", period: "month" },
    rate_limits: { requests_per_minute: 1 },
    provider_id: String(provider?.id),
    expires_at: inDays(1),
  };
  expect((await api.adminKey.patch(`/api-keys/${a.key.id}`, set)).status).toBe(200);
  for (const field of Object.keys(set)) {
    const { status, code } = await member.patch(`/api-keys/${a.key.id}`, { [field]: null });
    expect([field, status, code]).toEqual([field, 403, "forbidden"]);
  }
  for (const extra of [{ user_id: b.member.id }, { organization_id: b.id }, { revoked_at: null }]) {
    expect((await member.patch(`/api-keys/${a.key.id}`, extra)).status).toBe(400);
  }
  const moves = [{ organization_id: b.id }, { allowed_models: null }];
  for (const move of moves) expect((await member.patch(`/users/${a.member.id}`, move)).status).toBe(403);
  expect((await member.patch(`/organizations/${a.id}`, { member_keys: null })).status).toBe(403);
  const { body } = await member.get(`/api-keys/${a.key.id}`);
  expect(body).toMatchObject(set);
});

test("a user who moves obeys the new organization: too many keys are a 400, later ends are shortened", async ({
  api,
  gate,
}) => {
  const { a, b, member, ask } = await tenant(api, gate);
  const { id } = await member.post("/api-keys", { name: "second" });
  const bounds = { max: 1, max_days: 30, allowed_ips: ["192.0.2.0/24"] };
  await api.adminKey.patch(`/organizations/${b.id}`, { member_keys: bounds });
  const move = () => api.adminKey.patch(`/users/${a.member.id}`, { organization_id: b.id });
  const tooMany = await move();
  expect([tooMany.status, tooMany.param, tooMany.message]).toEqual([
    400,
    "organization_id",
    expect.stringContaining("has 2 active keys: revoke or delete 1 first"),
  ]);
  expect(await ask(byKey(a.key.secret))).toEqual(OF_BOTH);
  await api.adminKey.delete(`/api-keys/${id}`);
  expect((await move()).status).toBe(200);
  expect(await ask(byKey(a.key.secret))).toEqual(FROM_ELSEWHERE);
  const moved = await api.adminKey.get(`/api-keys/${a.key.id}`);
  expect(Date.parse(String(moved.body.expires_at))).toBeLessThanOrEqual(Date.parse(inDays(30)));
  const audit = await api.adminKey.get("/audit-log", { query: { subject_id: a.member.id } });
  expect(audit.data[0]?.after).toMatchObject({
    moved_api_keys: 1,
    shortened_api_keys: [expect.stringContaining(a.key.id)],
  });
});
