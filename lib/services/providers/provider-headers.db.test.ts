import type { IncomingHttpHeaders } from "node:http";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { open } from "#lib/config/seal";
import { providers } from "#lib/db/schema/routing";
import { headersOf } from "#lib/providers/open-provider";
import { ENCRYPTION_KEY } from "#lib/services/testing/context";
import { rejection } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { serverOfFile } from "#lib/testing/server-of-file";
import { createProvider } from "./create-provider";
import { getProvider } from "./get-provider";
import { listProviderModels } from "./list-provider-models";
import { testProvider } from "./test-provider";
import { updateProvider } from "./update-provider";

const world = await worldOfFile();
const admin = world.as(world.admin);

const seen: IncomingHttpHeaders[] = [];
const origin = await serverOfFile(({ headers }, response) => {
  seen.push(headers);
  const known = headers["x-team"] === "team-secret-0123456789";
  response.writeHead(known ? 200 : 401);
  response.end(known ? '{"data":[]}' : `{"error":{"message":"No such team: ${headers["x-team"]}"}}`);
});
const baseUrl = `${origin}/v1`;

let created = 0;
const add = (headers: Record<string, string | null>) =>
  createProvider(admin, {
    name: `with-headers-${++created}`,
    type: "openai-compatible",
    base_url: baseUrl,
    settings: { stream_usage: false, headers },
  });
const stored = async (id: string) => {
  const [row] = await world.db.select().from(providers).where(eq(providers.id, id));
  if (row === undefined) throw new Error("no such provider");
  return {
    settings: row.settings,
    values: row.headers && JSON.parse(open(row.headers, ENCRYPTION_KEY, headersOf(id))),
    sealed: row.headers,
  };
};
const TEAM = "team-secret-0123456789";

describe("headers of a provider", () => {
  test("are sealed, sent with every request, and returned by their names alone", async () => {
    const provider = await add({ "X-Team": TEAM, "x-title": "Acme" });
    const { id } = provider;
    expect(provider.settings).toEqual({ stream_usage: false, headers: { "x-team": null, "x-title": null } });
    expect(await getProvider(admin, { id })).toEqual(provider);
    expect(await stored(id)).toMatchObject({
      settings: provider.settings,
      values: { "x-team": TEAM, "x-title": "Acme" },
    });
    expect(await testProvider(admin, { id })).toMatchObject({ healthy: true });
    expect(await listProviderModels(admin, { id })).toEqual({ data: [] });
    for (const headers of seen.slice(-2))
      expect(headers).toMatchObject({ "x-team": TEAM, "x-title": "Acme" });
    const [row] = await world.db.$client`SELECT to_jsonb(p) AS row FROM providers p WHERE id = ${id}`;
    expect(JSON.stringify([row, provider, await world.auditOf(id)])).not.toMatch(/team-secret|Acme/);
  });

  test("are not quoted when a provider quotes them", async () => {
    const { id } = await add({ "x-team": "another-secret-0123456789" });
    const { error } = await testProvider(admin, { id });
    expect(error).toMatch(/status 401\): No such team: \[hidden\]$/);
  });

  test("stay as they are when a change sends back what was read", async () => {
    const provider = await add({ "x-title": "Acme", "x-team": TEAM, "x-z": "3" });
    const { id } = provider;
    const { sealed } = await stored(id);
    const version = await world.routingVersion();
    expect(await updateProvider(admin, { id, settings: provider.settings })).toEqual(provider);
    expect(await updateProvider(admin, { id, name: provider.name })).toEqual(provider);
    expect((await stored(id)).sealed).toEqual(sealed);
    expect(await world.routingVersion()).toBe(version);
    expect(await world.auditOf(id)).toHaveLength(1);
  });

  test("are replaced, added and removed one by one, which the audit log says without values", async () => {
    const { id } = await add({ "x-a": "1", "x-b": "2", "x-team": TEAM });
    const settings = { headers: { "x-a": null, "X-B": "3", "x-c": "new-secret-0123456789" } };
    expect(await updateProvider(admin, { id, settings })).toMatchObject({
      settings: { headers: { "x-a": null, "x-b": null, "x-c": null } },
    });
    expect((await stored(id)).values).toEqual({ "x-a": "1", "x-b": "3", "x-c": "new-secret-0123456789" });
    const last = (await world.auditOf(id)).at(-1);
    expect(last).toMatchObject({ after: { headers: "replaced" } });
    expect(JSON.stringify(last)).not.toContain("new-secret");
    expect(await updateProvider(admin, { id, settings: {} })).toMatchObject({ settings: {} });
    expect(await stored(id)).toEqual({ settings: {}, values: null, sealed: null });
  });

  test("need a value where none is stored", async () => {
    await expect(add({ "x-a": null })).rejects.toMatchObject(rejection("invalid", "settings.headers.x-a"));
    const { id } = await add({ "x-a": "1" });
    const settings = { headers: { "x-a": null, "x-b": null } };
    await expect(updateProvider(admin, { id, settings })).rejects.toMatchObject(
      rejection("invalid", "settings.headers.x-b"),
    );
    await world.db
      .update(providers)
      .set({ headers: Buffer.alloc(64, 1) })
      .where(eq(providers.id, id));
    await expect(updateProvider(admin, { id, settings: { headers: { "x-a": null } } })).rejects.toMatchObject(
      rejection("invalid", "settings.headers.x-a"),
    );
    expect(await testProvider(admin, { id })).toMatchObject({
      healthy: false,
      error: expect.stringContaining("stored headers cannot be decrypted"),
    });
  });

  test("go to no other host unless their values are given again", async () => {
    const { id } = await add({ "x-a": "1", "x-b": "2" });
    const base_url = "https://elsewhere.example/v1";
    for (const change of [{}, { settings: { headers: { "x-a": "1", "x-b": null } } }]) {
      await expect(updateProvider(admin, { id, base_url, ...change })).rejects.toMatchObject({
        code: "invalid",
        fields: { "settings.headers": expect.stringContaining("again") },
      });
    }
    await updateProvider(admin, { id, base_url: `${baseUrl}/other` });
    const settings = { headers: { "x-a": "5" } };
    expect(await updateProvider(admin, { id, base_url, settings })).toMatchObject({ base_url });
    expect((await stored(id)).values).toEqual({ "x-a": "5" });
    await updateProvider(admin, { id, base_url: baseUrl, settings: {} });
  });

  test("are of types that know them, and name what is wrong", async () => {
    const refused = { "content-length": "1", Host: "x", "x-a": "two\nlines" };
    await expect(add(refused)).rejects.toMatchObject(
      rejection(
        "invalid",
        "settings.headers.content-length",
        "settings.headers.Host",
        "settings.headers.x-a",
      ),
    );
    await expect(
      createProvider(admin, { name: "x", type: "simulated", settings: { headers: { "x-a": "1" } } }),
    ).rejects.toMatchObject(rejection("invalid", "settings.headers"));
  });
});
