import { UNKNOWN_ID } from "#lib/services/testing/context";
import { type Api, expect } from "./api-test";
import type { ApiClient } from "./client";

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

/** What can be done to a kind of resource, by the id. */
type Operations = {
  collection: string;
  reads: (id: string) => Operation[];
  changes: (id: string) => Operation[];
  /** The least role that changes it; a role below gets 403 for every id. */
  changedBy: "member" | "org_admin";
};

/** Reading a resource and its usage. */
export const readsOf =
  (collection: string) =>
  (id: string): Operation[] => [
    ["GET", `${collection}/${id}`],
    ["GET", `${collection}/${id}/usage`],
  ];

/**
 * Expects a resource of another organization, and its list by that organization, to be answered like an
 * unknown id and an empty list. A role that may change no such resource gets 403 for changes.
 */
export async function expectHidden(
  api: Api,
  { collection, reads, changes, changedBy }: Operations,
  { id, organizationId }: { id: string; organizationId?: string },
): Promise<void> {
  if (organizationId !== undefined) {
    const query = { organization_id: organizationId };
    for (const client of [api.orgAdminToken, api.orgAdminSession, api.viewerToken, api.memberSession]) {
      expect((await client.get(collection, { query })).data).toEqual([]);
    }
  }
  for (const client of [api.orgAdminToken, api.orgAdminSession]) {
    await expectEach(client, [...reads(id), ...changes(id)], NOT_FOUND);
  }
  await expectEach(api.viewerToken, reads(id), NOT_FOUND);
  await expectEach(api.viewerToken, changes(id), FORBIDDEN);
  await expectEach(api.memberSession, reads(id), NOT_FOUND);
  await expectEach(api.memberSession, changes(id), changedBy === "member" ? NOT_FOUND : FORBIDDEN);
  await expectEach(api.adminKey, [...reads(UNKNOWN_ID), ...changes(UNKNOWN_ID)], NOT_FOUND);
  const all: Operation[] = [["GET", collection], ["POST", collection, {}], ...reads(id), ...changes(id)];
  await expectEach(api.anonymous, all, UNAUTHORIZED);
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
