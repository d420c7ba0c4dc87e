import type { Gate } from "../fixtures";
import { type Api, expect, test } from "./api-test";
import { byApp, byKey, type Credentials, chat, openStream, outcome } from "./data-plane";
import { newApp, newTenant } from "./resources";

/** Every kind of resource with limits, and a caller they apply to. */
async function limitedResources(api: Api): Promise<[path: string, caller: Credentials][]> {
  const { id, userId, keyId, key } = await newTenant(api);
  const app = await newApp(api, id);
  return [
    [`/organizations/${id}`, byKey(key)],
    [`/users/${userId}`, byKey(key)],
    [`/api-keys/${keyId}`, byKey(key)],
    [`/apps/${app.id}`, byApp(app.secret, app.id)],
  ];
}

/** A window may end between two of them, but not between all. */
async function outcomesOfThree(gate: Gate, caller: Credentials): Promise<Set<string>> {
  const outcomes = new Set<string>();
  for (const _ of [1, 2, 3]) outcomes.add(await outcome(gate, caller));
  return outcomes;
}

test("every rate limit applies from the next request on, and can be removed", async ({ api, gate }) => {
  const kinds = [
    { requests_per_minute: 1 },
    { tokens_per_minute: 1 },
    { windows: [{ requests: 1, seconds: 86_400 }] },
  ];
  for (const [index, [path, caller]] of (await limitedResources(api)).entries()) {
    const rate_limits = kinds[index % kinds.length];
    const what = `${path} ${JSON.stringify(rate_limits)}`;
    const limit = (value: object | null | undefined) => api.adminKey.patch(path, { rate_limits: value });
    expect(await outcome(gate, caller), what).toBe("200");
    expect((await limit(rate_limits)).body, what).toMatchObject({ rate_limits });
    expect(await outcomesOfThree(gate, caller), what).toContain("429 rate_limit_exceeded");
    const rejected = await chat(gate, caller);
    expect(Number(rejected.headers.get("retry-after")), what).toBeGreaterThan(0);
    expect((await limit(null)).body, what).toMatchObject({ rate_limits: null });
    // A rejected caller may be rejected again for a moment, so that a storm of rejections does not reach the database.
    await expect.poll(() => outcome(gate, caller), { message: what, intervals: [50] }).toBe("200");
    expect(await outcomesOfThree(gate, caller), what).toEqual(new Set(["200"]));
  }
});

test("max_concurrent limits the requests in flight", async ({ api, gate }) => {
  for (const [path, caller] of await limitedResources(api)) {
    const limit = (value: object | null) => api.adminKey.patch(path, { rate_limits: value });
    expect((await limit({ max_concurrent: 1 })).body).toMatchObject({ rate_limits: { max_concurrent: 1 } });
    const slow = await openStream(gate, caller);
    const rejected = await chat(gate, caller);
    expect(rejected.outcome, path).toBe("429 concurrency_limit_exceeded");
    expect(Number(rejected.headers.get("retry-after"))).toBeGreaterThan(0);
    await limit({ max_concurrent: 2 });
    expect(await outcome(gate, caller), path).toBe("200");
    await slow.text();
    await limit({ max_concurrent: 1 });
    expect(await outcome(gate, caller), path).toBe("200");
    await limit(null);
  }
});
