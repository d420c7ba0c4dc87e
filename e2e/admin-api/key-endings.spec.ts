import { setTimeout as sleep } from "node:timers/promises";
import { type Api, expect, test } from "./api-test";
import { byKey, outcome } from "./data-plane";
import { newTenant } from "./resources";

const INVALID_KEY = "401 invalid_api_key";

async function rotated(api: Api, keyId: string, body?: object): Promise<string> {
  const { status, body: key, id, text } = await api.adminKey.post(`/api-keys/${keyId}/rotate`, body);
  expect([status, id], text).toEqual([200, keyId]);
  expect(key.key).toMatch(/^tg_/);
  return String(key.key);
}

test("a revoked key is rejected from the next request on, for good", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  expect(await outcome(gate, byKey(key))).toBe("200");
  for (const _twice of [1, 2]) {
    const { status, body } = await api.adminKey.post(`/api-keys/${keyId}/revoke`);
    expect([status, body.status]).toEqual([200, "revoked"]);
    expect(await outcome(gate, byKey(key))).toBe(INVALID_KEY);
  }
  const again = await api.adminKey.post(`/api-keys/${keyId}/rotate`);
  expect([again.status, again.code]).toEqual([409, "conflict"]);
});

test("401 takes precedence over all other errors of a request", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  expect(await outcome(gate, byKey(key))).toBe("200");
  await api.adminKey.post(`/api-keys/${keyId}/revoke`);
  expect(await outcome(gate, byKey(key), { messages: "none" })).toBe(INVALID_KEY);
  expect(await outcome(gate, byKey(key), { model: "nothing-here" })).toBe(INVALID_KEY);
});

test("a rotation without a grace period ends the old value at once", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  for (const body of [undefined, {}, { grace_seconds: 0 }]) {
    const old = await rotated(api, keyId, body);
    expect(await outcome(gate, byKey(old))).toBe("200");
    const fresh = await rotated(api, keyId, body);
    expect(await outcome(gate, byKey(old))).toBe(INVALID_KEY);
    expect(await outcome(gate, byKey(fresh))).toBe("200");
  }
  expect(await outcome(gate, byKey(key))).toBe(INVALID_KEY);
});

test("both values work during the grace period, then only the new one", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  const fresh = await rotated(api, keyId, { grace_seconds: 1 });
  const endsAt = String((await api.adminKey.get(`/api-keys/${keyId}`)).body.previous_key_expires_at);
  expect([await outcome(gate, byKey(key)), await outcome(gate, byKey(fresh))]).toEqual(["200", "200"]);
  await sleep(new Date(endsAt).getTime() - Date.now() + 50);
  expect([await outcome(gate, byKey(key)), await outcome(gate, byKey(fresh))]).toEqual([INVALID_KEY, "200"]);
});

test("a second rotation keeps only the value before it", async ({ api, gate }) => {
  const { keyId, key: first } = await newTenant(api);
  const second = await rotated(api, keyId, { grace_seconds: 3600 });
  const third = await rotated(api, keyId, { grace_seconds: 3600 });
  const outcomes = await Promise.all([first, second, third].map((key) => outcome(gate, byKey(key))));
  expect(outcomes).toEqual([INVALID_KEY, "200", "200"]);
});

test("revoking and deleting end the previous value, too", async ({ api, gate }) => {
  for (const end of ["revoke", "delete"] as const) {
    const { keyId, key } = await newTenant(api);
    const fresh = await rotated(api, keyId, { grace_seconds: 3600 });
    for (const each of [key, fresh]) expect(await outcome(gate, byKey(each))).toBe("200");
    await (end === "revoke"
      ? api.adminKey.post(`/api-keys/${keyId}/revoke`)
      : api.adminKey.delete(`/api-keys/${keyId}`));
    for (const each of [key, fresh]) expect(await outcome(gate, byKey(each)), end).toBe(INVALID_KEY);
  }
});

test("both values share the limits of the key", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  const fresh = await rotated(api, keyId, { grace_seconds: 3600 });
  await api.adminKey.patch(`/api-keys/${keyId}`, { budget: { limit_usd: "0", period: "day" } });
  for (const each of [key, fresh]) expect(await outcome(gate, byKey(each))).toBe("429 insufficient_quota");
});

test("rejects an invalid grace period", async ({ api }) => {
  const { keyId } = await newTenant(api);
  for (const grace_seconds of [-1, 0.5, "60", 2_592_001]) {
    const { status, param } = await api.adminKey.post(`/api-keys/${keyId}/rotate`, { grace_seconds });
    expect([status, param]).toEqual([400, "grace_seconds"]);
  }
  const { param } = await api.adminKey.post(`/api-keys/${keyId}/rotate`, { seconds: 1 });
  expect(param).toBe("seconds");
});

test("an expired key is rejected, and works again with a later expiry", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  const expire = async (at: string | null) =>
    (await api.adminKey.patch(`/api-keys/${keyId}`, { expires_at: at })).body.status;
  const soon = new Date(Date.now() + 700);
  expect(await expire(soon.toISOString())).toBe("active");
  expect(await outcome(gate, byKey(key))).toBe("200");
  await sleep(soon.getTime() - Date.now() + 50);
  expect(await outcome(gate, byKey(key))).toBe(INVALID_KEY);
  expect((await api.adminKey.get(`/api-keys/${keyId}`)).body.status).toBe("expired");
  expect(await expire(null)).toBe("active");
  expect(await outcome(gate, byKey(key))).toBe("200");
});
