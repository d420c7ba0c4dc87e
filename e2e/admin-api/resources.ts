import { randomUUID } from "node:crypto";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { type Api, expect } from "./api-test";
import type { ApiClient } from "./client";

export const unique = (word: string) => `${word}-${randomUUID().slice(0, 8)}`;

/** Creates a resource, which must succeed, and returns it. */
export async function createResource(client: ApiClient, path: string, body: object) {
  const { status, text, body: resource, id } = await client.post(path, body);
  expect(status, text).toBe(201);
  return { ...resource, id };
}

export const newOrganization = (api: Api, more: object = {}) =>
  createResource(api.adminKey, "/organizations", { name: unique("org"), ...more });

export const newUser = (api: Api, organizationId: string, more: object = {}) =>
  createResource(api.adminKey, "/users", {
    email: `${unique("user")}@example.com`,
    organization_id: organizationId,
    ...more,
  });

export async function newKey(api: Api, owner: object, more: object = {}) {
  const resource = await createResource(api.adminKey, "/api-keys", {
    name: unique("key"),
    ...owner,
    ...more,
  });
  return { id: resource.id, key: String(Object(resource).key) };
}

export async function newApp(api: Api, organizationId: string, more: object = {}) {
  const body = { name: unique("app"), organization_id: organizationId, ...more };
  const resource = await createResource(api.adminKey, "/apps", body);
  return { id: resource.id, secret: String(Object(resource).secret) };
}

/** An organization with a user and a key of theirs. */
export async function newTenant(api: Api) {
  const { id } = await newOrganization(api);
  const user = await newUser(api, id, { external_id: unique("oid") });
  const key = await newKey(api, { user_id: user.id });
  return { id, userId: user.id, keyId: key.id, key: key.key };
}

/** Clients with admin tokens of an organization. */
export async function tokensOf(api: Api, organizationId: string) {
  const bearer = async (role: string) => {
    const token = { name: unique(role), role, organization_id: organizationId };
    const { body } = await api.adminKey.post("/admin-tokens", token);
    return api.as({ authorization: `Bearer ${body.token}` });
  };
  return { orgAdmin: await bearer("org_admin"), viewer: await bearer("viewer") };
}

/** The ids of a whole list in order, page by page. */
export async function idsOfAllPages(
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

export type Operation = readonly [method: string, path: string, body?: object];

/** Expects the same error for each operation. */
export async function expectEach(
  client: ApiClient,
  operations: readonly Operation[],
  error: readonly [status: number, code: string],
): Promise<void> {
  for (const [method, path, body] of operations) {
    const { status, code } = await client.send(method, path, { body });
    expect([status, code], `${method} ${path}`).toEqual(error);
  }
}

/** Expects each operation to succeed: 204 for a deletion, else 200. */
export async function expectSuccess(client: ApiClient, operations: readonly Operation[]): Promise<void> {
  for (const [method, path, body] of operations) {
    const { status, text } = await client.send(method, path, { body });
    expect(status, `${method} ${path}: ${text}`).toBe(method === "DELETE" ? 204 : 200);
  }
}

export const NOT_FOUND = [404, "not_found"] as const;
export const FORBIDDEN = [403, "forbidden"] as const;
export const UNAUTHORIZED = [401, "invalid_api_key"] as const;

/** Expects a deleted resource to be gone. */
export const expectGone = (client: ApiClient, path: string): Promise<void> =>
  expectEach(
    client,
    [
      ["GET", path],
      ["DELETE", path],
    ],
    NOT_FOUND,
  );

/** What can be done to a resource, by its id. */
export type Operations = {
  reads: (id: string) => Operation[];
  changes: (id: string) => Operation[];
  /** The least role that changes it; a role below gets 403 for every id. */
  changedBy: "member" | "org_admin";
};

/**
 * Expects a resource of another organization to be answered like an unknown id, except that a role that may
 * change no such resource gets 403.
 */
export async function expectHidden(
  api: Api,
  { reads, changes, changedBy }: Operations,
  id: string,
): Promise<void> {
  for (const client of [api.orgAdminToken, api.orgAdminSession]) {
    await expectEach(client, [...reads(id), ...changes(id)], NOT_FOUND);
  }
  await expectEach(api.viewerToken, reads(id), NOT_FOUND);
  await expectEach(api.viewerToken, changes(id), FORBIDDEN);
  await expectEach(api.memberSession, reads(id), NOT_FOUND);
  await expectEach(api.memberSession, changes(id), changedBy === "member" ? NOT_FOUND : FORBIDDEN);
  await expectEach(api.adminKey, [...reads(UNKNOWN_ID), ...changes(UNKNOWN_ID)], NOT_FOUND);
  await expectEach(api.anonymous, [...reads(id), ...changes(id)], UNAUTHORIZED);
}

/**
 * Expects 400 with the field's name, when creating a resource with each of the wrong fields and when updating
 * one with them.
 */
export async function expectInvalidFields(
  client: ApiClient,
  { collection, valid, id }: { collection: string; valid: () => object; id: string },
  wrong: readonly (readonly [param: string, fields: object])[],
): Promise<void> {
  for (const [param, fields] of wrong) {
    const created = await client.post(collection, { ...valid(), ...fields });
    expect([created.status, created.param], created.text).toEqual([400, param]);
    const updated = await client.patch(`${collection}/${id}`, fields);
    expect([updated.status, updated.param], updated.text).toEqual([400, param]);
  }
}

/** Expects 400 with the parameter's name for each query. */
export async function expectInvalidQueries(
  client: ApiClient,
  path: string,
  wrong: readonly (readonly [name: string, value: string | number])[],
): Promise<void> {
  for (const [name, value] of wrong) {
    const { status, param } = await client.get(path, { query: { [name]: value } });
    expect([status, param], `${name}=${value}`).toEqual([400, name]);
  }
}
