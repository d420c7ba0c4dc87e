import { type Api, expect, test } from "./api-test";
import { expectInvalidQueries } from "./expectations";
import { createResource, idsOfAllPages, newOrganization, newSimulatedProvider, unique } from "./resources";

/** Creates one resource of each listed kind, in the organization if it can belong to one. */
const KINDS: Readonly<Record<string, (api: Api, organization_id: string) => Promise<{ id: string }>>> = {
  "/users": (api, organization_id) =>
    createResource(api.adminKey, "/users", { email: `${unique("user")}@example.com`, organization_id }),
  "/api-keys": (api, organization_id) =>
    createResource(api.adminKey, "/api-keys", { name: unique("key"), organization_id }),
  "/apps": (api, organization_id) =>
    createResource(api.adminKey, "/apps", { name: unique("app"), organization_id }),
  "/admin-tokens": (api, organization_id) =>
    createResource(api.adminKey, "/admin-tokens", { name: unique("token"), role: "viewer", organization_id }),
  "/providers": (api) => newSimulatedProvider(api, "provider"),
  "/models": async (api) => {
    const provider = await newSimulatedProvider(api, "provider");
    const price = { input_per_mtok: "1", output_per_mtok: "1" };
    const targets = [{ provider_id: provider.id, upstream_model: "x" }];
    return createResource(api.adminKey, "/models", { name: unique("model"), targets, price });
  },
};
const FILTERED = new Set(["/users", "/api-keys", "/apps"]);

for (const [path, create] of Object.entries(KINDS)) {
  test(`${path} pages newest first without shifting`, async ({ api }) => {
    const { id } = await newOrganization(api);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await create(api, id)).id);
    const filter: Record<string, string> = FILTERED.has(path) ? { organization_id: id } : {};
    const first = await api.adminKey.get(path, { query: { ...filter, limit: 2 } });
    expect(first.data.map((row) => row.id)).toEqual(ids.slice(0, 2));
    // Delete the row of the cursor, and create another one.
    await api.adminKey.delete(`${path}/${ids[1]}`);
    await create(api, id);
    const cursor = String(first.body.next_cursor);
    const next = await api.adminKey.get(path, { query: { ...filter, limit: 3, cursor } });
    expect(next.data.map((row) => row.id)).toEqual(ids.slice(2));
    if (FILTERED.has(path)) {
      expect(next.body.next_cursor).toBeNull();
      expect((await idsOfAllPages(api.adminKey, path, { ...filter, limit: 2 })).slice(1)).toEqual(
        ids.filter((_, index) => index !== 1),
      );
    }
  });

  test(`${path} accepts a limit of 1 to 200 and its own cursors only`, async ({ api }) => {
    for (const limit of [1, 200]) {
      expect((await api.adminKey.get(path, { query: { limit } })).status).toBe(200);
    }
    await expectInvalidQueries(api.adminKey, path, [
      ["limit", 0],
      ["limit", 201],
      ["limit", "1.5"],
      ["limit", ""],
      ["cursor", "x"],
      ["cursor", ""],
      ["color", "red"],
    ]);
  });
}
