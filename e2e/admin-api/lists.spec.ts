import { type Api, expect, test } from "./api-test";
import { anOrganization, made, unique, walk } from "./things";

/** Makes one thing of each kind that is listed, in an organization where it can be in one. */
const KINDS: Readonly<Record<string, (api: Api, organization_id: string) => Promise<{ id: string }>>> = {
  "/users": (api, organization_id) =>
    made(api.adminKey, "/users", { email: `${unique("user")}@example.com`, organization_id }),
  "/api-keys": (api, organization_id) =>
    made(api.adminKey, "/api-keys", { name: unique("key"), organization_id }),
  "/apps": (api, organization_id) => made(api.adminKey, "/apps", { name: unique("app"), organization_id }),
  "/admin-tokens": (api, organization_id) =>
    made(api.adminKey, "/admin-tokens", { name: unique("token"), role: "viewer", organization_id }),
  "/providers": (api) => made(api.adminKey, "/providers", { name: unique("provider"), type: "simulated" }),
  "/models": async (api) => {
    const provider = await made(api.adminKey, "/providers", { name: unique("provider"), type: "simulated" });
    const price = { input_per_mtok: "1", output_per_mtok: "1" };
    const targets = [{ provider_id: provider.id, upstream_model: "x" }];
    return made(api.adminKey, "/models", { name: unique("model"), targets, price });
  },
};
const FILTERED = new Set(["/users", "/api-keys", "/apps"]);

for (const [path, make] of Object.entries(KINDS)) {
  test(`${path} are listed newest first, page by page, and no page shifts`, async ({ api }) => {
    const { id } = await anOrganization(api);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await make(api, id)).id);
    const filter: Record<string, string> = FILTERED.has(path) ? { organization_id: id } : {};
    const first = await api.adminKey.get(path, { query: { ...filter, limit: 2 } });
    expect(first.data.map((thing) => thing.id)).toEqual(ids.slice(0, 2));
    // The very row that the cursor was made of is deleted, and another is made.
    await api.adminKey.delete(`${path}/${ids[1]}`);
    await make(api, id);
    const cursor = String(first.body.next_cursor);
    const next = await api.adminKey.get(path, { query: { ...filter, limit: 3, cursor } });
    expect(next.data.map((thing) => thing.id)).toEqual(ids.slice(2));
    if (FILTERED.has(path)) {
      expect(next.body.next_cursor).toBeNull();
      expect((await walk(api.adminKey, path, { ...filter, limit: 2 })).slice(1)).toEqual(
        ids.filter((_, index) => index !== 1),
      );
    }
  });

  test(`${path} take from 1 to 200, and only their own cursors`, async ({ api }) => {
    for (const limit of [1, 200]) {
      expect((await api.adminKey.get(path, { query: { limit } })).status).toBe(200);
    }
    for (const [name, value] of [
      ["limit", 0],
      ["limit", 201],
      ["limit", "1.5"],
      ["limit", ""],
      ["cursor", "x"],
      ["cursor", ""],
      ["colour", "red"],
    ] as const) {
      const { status, param } = await api.adminKey.get(path, { query: { [name]: value } });
      expect([status, param], `${name}=${value}`).toEqual([400, name]);
    }
  });
}
