import { randomUUID } from "node:crypto";
import { type Api, expect } from "./api-test";
import type { ApiClient } from "./client";

export const NOWHERE = "00000000-0000-4000-8000-000000000000";
const DAY_MS = 86_400_000;

export const unique = (word: string) => `${word}-${randomUUID().slice(0, 8)}`;

/** A UTC day, so many days from today. */
export const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** Makes a thing, which must work, and answers it. */
export async function made(client: ApiClient, path: string, body: object) {
  const { status, text, body: thing, id } = await client.post(path, body);
  expect(status, text).toBe(201);
  return { ...thing, id };
}

/** Things of a spec's own, made by an administrator. */
export const anOrganization = (api: Api, more: object = {}) =>
  made(api.adminKey, "/organizations", { name: unique("org"), ...more });

export const aUser = (api: Api, organizationId: string, more: object = {}) =>
  made(api.adminKey, "/users", {
    email: `${unique("user")}@example.com`,
    organization_id: organizationId,
    ...more,
  });

export async function aKey(api: Api, owner: object, more: object = {}) {
  const thing = await made(api.adminKey, "/api-keys", { name: unique("key"), ...owner, ...more });
  return { id: thing.id, key: String(Object(thing).key) };
}

/** An organization with a user and a key of theirs. */
export async function aTenant(api: Api) {
  const { id } = await anOrganization(api);
  const user = await aUser(api, id, { external_id: unique("oid") });
  const key = await aKey(api, { user_id: user.id });
  return { id, userId: user.id, keyId: key.id, key: key.key };
}

/** Bearers of an organization. */
export async function tokensOf(api: Api, organizationId: string) {
  const bearer = async (role: string) => {
    const token = { name: unique(role), role, organization_id: organizationId };
    const { body } = await api.adminKey.post("/admin-tokens", token);
    return api.as({ authorization: `Bearer ${body.token}` });
  };
  return { orgAdmin: await bearer("org_admin"), viewer: await bearer("viewer") };
}

/** Walks a list's pages to its end; answers the ids in order. */
export async function walk(
  client: ApiClient,
  path: string,
  query: Record<string, string | number>,
): Promise<string[]> {
  const ids: string[] = [];
  let cursor: unknown;
  do {
    const page: Record<string, string | number> = cursor ? { ...query, cursor: String(cursor) } : query;
    const { status, body, data } = await client.get(path, { query: page });
    expect(status).toBe(200);
    expect(data.length).toBeLessThanOrEqual(Number(query.limit));
    ids.push(...data.map(({ id }) => String(id)));
    cursor = body.next_cursor;
  } while (cursor !== null);
  return ids;
}

/** That each of these requests is answered with a status, and with the code that goes with it. */
export async function expectAll(
  client: ApiClient,
  requests: readonly (readonly [method: string, path: string, body?: object])[],
  refusal: readonly [status: number, code: string],
): Promise<void> {
  for (const [method, path, body] of requests) {
    const { status, code } = await client.send(method, path, { body });
    expect([status, code], `${method} ${path}`).toEqual(refusal);
  }
}

export const NOT_FOUND = [404, "not_found"] as const;
export const FORBIDDEN = [403, "forbidden"] as const;
export const UNAUTHORIZED = [401, "invalid_api_key"] as const;
