import { randomUUID } from "node:crypto";
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

/** A provider that answers without a network. */
export const newSimulatedProvider = (api: Api, word: string) =>
  createResource(api.adminKey, "/providers", { name: unique(word), type: "simulated" });

/** A model with a price and one target, unless given others. */
export async function newModel(api: Api, providerId: string, more: object = {}) {
  const name = unique("model");
  const targets = [{ provider_id: providerId, upstream_model: "instant" }];
  const price = { input_per_mtok: "1.50", output_per_mtok: "2" };
  const model = await createResource(api.adminKey, "/models", { name, targets, price, ...more });
  return { ...model, name };
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
