import { createServer } from "node:http";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { open } from "#lib/config/seal";
import { apiKeys } from "#lib/db/schema/identity";
import { modelTargets, providers } from "#lib/db/schema/routing";
import { credentialsOf } from "#lib/providers/open-provider";
import { entraApplication } from "#lib/providers/testing/fake-azure";
import { serviceAccount, VERTEX } from "#lib/providers/testing/fake-vertex";
import { createModel } from "#lib/services/models/create-model";
import { ENCRYPTION_KEY } from "#lib/services/testing/context";
import { expectForAdministrators, expectUnknownIdRejected } from "#lib/services/testing/expect-rejected";
import { rejection } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createProvider } from "./create-provider";
import { deleteProvider } from "./delete-provider";
import { getProvider } from "./get-provider";
import { listProviders } from "./list-providers";
import { testProvider } from "./test-provider";
import { updateProvider } from "./update-provider";

const world = await worldOfFile();
const admin = world.as(world.admin);

const price = { input_per_mtok: "1", output_per_mtok: "2" };
let created = 0;
const makeGroq = () =>
  createProvider(admin, {
    name: `groq-${++created}`,
    type: "openai-compatible",
    base_url: "https://api.groq.com/openai/v1",
    credentials: { api_key: "gsk-very-secret" },
  });
const storedKey = async (id: string) => {
  const [row] = await world.db.select().from(providers).where(eq(providers.id, id));
  return row?.credentials ? JSON.parse(open(row.credentials, ENCRYPTION_KEY, credentialsOf(id))) : null;
};

describe("reading providers", () => {
  test("is for administrators, without credentials", async () => {
    const { id } = await makeGroq();
    const page = await listProviders(admin, { limit: 1 });
    expect(page).toMatchObject({ data: [{ id, has_credentials: true, settings: {} }], next_cursor: null });
    expect(JSON.stringify([page, await getProvider(admin, { id })])).not.toContain("gsk");
    for (const actor of [world.orgAdmin, world.viewer, world.member, world.stray]) {
      await expect(listProviders(world.as(actor))).rejects.toMatchObject({ code: "forbidden" });
      await expect(getProvider(world.as(actor), { id })).rejects.toMatchObject({ code: "forbidden" });
    }
  });

  test("pages, newest first, even after the row of the cursor was deleted", async () => {
    const ids = [(await makeGroq()).id, (await makeGroq()).id, (await makeGroq()).id].reverse();
    const first = await listProviders(admin, { limit: 1 });
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 1));
    await deleteProvider(admin, { id: ids[0] ?? "" });
    const second = await listProviders(admin, { limit: 2, cursor: first.next_cursor ?? undefined });
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(1));
  });

  test("finds no unknown or malformed id", async () => {
    await expectUnknownIdRejected((id) => [
      () => getProvider(admin, { id }),
      () => updateProvider(admin, { id, enabled: false }),
      () => deleteProvider(admin, { id }),
      () => testProvider(admin, { id }),
    ]);
  });
});

describe("changing a provider", () => {
  test("is for administrators", async () => {
    const { id } = await makeGroq();
    await expectForAdministrators(world, (ctx) => [
      () => updateProvider(ctx, { id, enabled: false }),
      () => deleteProvider(ctx, { id }),
      () => testProvider(ctx, { id }),
    ]);
  });

  test("changes the given fields, raises the routing version and audits it", async () => {
    const { id, name } = await makeGroq();
    const version = await world.routingVersion();
    expect(await updateProvider(admin, { id, enabled: false, name: `${name} two` })).toMatchObject({
      enabled: false,
      name: `${name} two`,
      has_credentials: true,
    });
    expect(await world.routingVersion()).toBeGreaterThan(version);
    expect((await world.auditOf(id)).at(-1)).toMatchObject({
      action: "provider.update",
      actorId: world.admin.id,
      before: { name, enabled: true },
      after: { name: `${name} two`, enabled: false },
      ip: "192.0.2.7",
    });
  });

  test("writes nothing if nothing changes, even when the same credentials are given again", async () => {
    const { id, name } = await makeGroq();
    const version = await world.routingVersion();
    const rows = (await world.auditOf(id)).length;
    await updateProvider(admin, { id });
    await updateProvider(admin, {
      id,
      name,
      base_url: "https://api.groq.com/openai/v1/",
      credentials: { api_key: "gsk-very-secret" },
    });
    expect(await world.auditOf(id)).toHaveLength(rows);
    expect(await world.routingVersion()).toBe(version);
  });

  test("replaces credentials, and records that without their value", async () => {
    const { id } = await makeGroq();
    await updateProvider(admin, { id, credentials: { api_key: "gsk-another" } });
    expect(await storedKey(id)).toEqual({ api_key: "gsk-another" });
    const last = (await world.auditOf(id)).at(-1);
    expect(last).toMatchObject({ after: { credentials: "replaced" } });
    expect(JSON.stringify(await world.auditOf(id))).not.toContain("gsk");
    expect(await updateProvider(admin, { id, credentials: null })).toMatchObject({ has_credentials: false });
    expect(await storedKey(id)).toBeNull();
  });

  test.each([
    "https://evil.example/openai/v1",
    "https://api.groq.com:8443/openai/v1",
    "http://api.groq.com/openai/v1",
  ])("sends stored credentials to no other host: not to %s", async (base_url) => {
    const { id } = await makeGroq();
    await expect(updateProvider(admin, { id, base_url })).rejects.toMatchObject({
      code: "invalid",
      fields: { credentials: expect.stringContaining("again") },
    });
    expect(await getProvider(admin, { id })).toMatchObject({ base_url: "https://api.groq.com/openai/v1" });
    expect(await updateProvider(admin, { id, base_url, credentials: { api_key: "new" } })).toMatchObject({
      base_url,
    });
    expect(await storedKey(id)).toEqual({ api_key: "new" });
  });

  test("accepts another path on the same host, and any host without credentials", async () => {
    const { id } = await makeGroq();
    await updateProvider(admin, { id, base_url: "https://api.groq.com/v2" });
    expect(await storedKey(id)).toEqual({ api_key: "gsk-very-secret" });
    await updateProvider(admin, { id, base_url: "https://other.example/v1", credentials: null });
    await updateProvider(admin, { id, base_url: "https://third.example/v1" });
  });

  test("protects an OpenAI provider, which uses its type's URL, in the same way", async () => {
    const openai = { name: "openai", type: "openai" as const, credentials: { api_key: "sk" } };
    const { id } = await createProvider(admin, openai);
    const base_url = "https://evil.example/v1";
    await expect(updateProvider(admin, { id, base_url })).rejects.toMatchObject({ code: "invalid" });
    await updateProvider(admin, { id, base_url: "https://api.openai.com/v1" });
    await updateProvider(admin, { id, base_url: null });
    await expect(updateProvider(admin, { id, credentials: null })).rejects.toMatchObject({
      fields: { "credentials.api_key": expect.any(String) },
    });
  });

  test("sends a stored client secret to the token host of no other cloud", async () => {
    const credentials = entraApplication();
    const at = { base_url: "https://acme.openai.azure.com", settings: { cloud: "public" } };
    const { id } = await createProvider(admin, { name: "azure", type: "azure-openai", credentials, ...at });
    const moved = { id, settings: { cloud: "china" } };
    await expect(updateProvider(admin, moved)).rejects.toMatchObject({
      fields: { credentials: expect.stringContaining("again") },
    });
    expect(await getProvider(admin, { id })).toMatchObject({ settings: at.settings });
    // The default of such a base URL.
    expect(await updateProvider(admin, { id, settings: {} })).toMatchObject({ settings: {} });
    expect(await updateProvider(admin, { ...moved, credentials })).toMatchObject({
      settings: moved.settings,
    });
  });

  test("sends stored credentials to no other region, unless the host stays", async () => {
    const credentials = {
      access_key_id: "AKIAIOSFODNN7EXAMPLE",
      secret_access_key: "wJalrXUtnFEMIK7MDENGbPxRfi",
    };
    const settings = { region: "us-east-1" };
    const { id } = await createProvider(admin, { name: "aws", type: "bedrock", credentials, settings });
    const moved = { id, settings: { region: "eu-west-1" } };
    await expect(updateProvider(admin, moved)).rejects.toMatchObject({
      fields: { credentials: expect.stringContaining("again") },
    });
    expect(await getProvider(admin, { id })).toMatchObject({ settings });
    expect(await updateProvider(admin, { ...moved, credentials })).toMatchObject({
      settings: moved.settings,
    });
    await expect(updateProvider(admin, { id, base_url: "https://evil.example" })).rejects.toMatchObject({
      code: "invalid",
    });
    const base_url = "https://bedrock-runtime.eu-west-1.amazonaws.com";
    expect(await updateProvider(admin, { id, base_url })).toMatchObject({ base_url });
  });

  test("gives targets at a new host that host's price, if a catalogue knows it", async () => {
    const { id } = await makeGroq();
    const target = { provider_id: id, upstream_model: "llama-3.3-70b-versatile" };
    const model = await createModel(admin, { name: "moving", targets: [target] });
    const manual = await createModel(admin, { name: "by-hand", price, targets: [target] });
    const versionOf = async (modelId: string) =>
      (await world.db.select().from(modelTargets).where(eq(modelTargets.modelId, modelId)))[0]
        ?.priceVersionId;
    const before = await versionOf(model.id);
    const credentials = { api_key: "new" };
    await updateProvider(admin, { id, base_url: "https://proxy.example/v1", credentials });
    expect(await versionOf(model.id)).toBe(before);
    await updateProvider(admin, { id, base_url: "https://api.deepseek.com", credentials });
    await world.db.update(modelTargets).set({ upstreamModel: "deepseek-chat" });
    await updateProvider(admin, { id, base_url: "https://api.groq.com/openai/v1", credentials });
    await updateProvider(admin, { id, base_url: "https://api.deepseek.com", credentials });
    expect(await versionOf(model.id)).not.toBe(before);
    expect((await world.auditOf(id)).at(-1)).toMatchObject({
      after: { repriced: [{ model: "moving", upstream_model: "deepseek-chat" }] },
    });
    expect(await versionOf(manual.id)).toBe(manual.targets[0]?.price_version_id);
  });

  test("gives targets in another location that location's price", async () => {
    const credentials = { service_account: serviceAccount() };
    const settings = { ...VERTEX, location: "global" };
    const { id } = await createProvider(admin, { name: "clouds", type: "vertex", credentials, settings });
    const target = { provider_id: id, upstream_model: "claude-sonnet-4-5@20250929" };
    const model = await createModel(admin, { name: "sonnet-on-vertex", targets: [target] });
    const inputRate = async () => {
      const [row] = await world.db.$client`
        SELECT v.rates->>'inputPerMtok' AS rate FROM model_targets t
        JOIN price_versions v ON v.id = t.price_version_id WHERE t.model_id = ${model.id}`;
      return row?.rate;
    };
    expect(await inputRate()).toBe("3");
    await updateProvider(admin, { id, settings: VERTEX, credentials });
    expect(await inputRate()).toBe("3.3");
  });

  test("sets a simulated provider's settings", async () => {
    const { id } = await createProvider(admin, {
      name: "pace",
      type: "simulated",
      settings: { reply_tokens: 5 },
    });
    const settings = { first_token_ms: 10, tokens_per_second: 50 };
    expect(await updateProvider(admin, { id, settings })).toMatchObject({ settings });
    const [row] = await world.db.select().from(providers).where(eq(providers.id, id));
    expect(row?.settings).toEqual(settings);
  });

  test("rejects a name that is taken, an unknown field and another type", async () => {
    const [one, two] = [await makeGroq(), await makeGroq()];
    await expect(updateProvider(admin, { id: one.id, name: two.name })).rejects.toMatchObject(
      rejection("conflict", "name"),
    );
    const unknown: object = { type: "openai" };
    await expect(updateProvider(admin, { id: one.id, ...unknown })).rejects.toThrow("type");
  });
});

describe("deleting a provider", () => {
  test("deletes it and audits it", async () => {
    const { id, name } = await makeGroq();
    await deleteProvider(admin, { id });
    await expect(getProvider(admin, { id })).rejects.toMatchObject({ code: "not_found" });
    expect((await world.auditOf(id)).at(-1)).toMatchObject({
      action: "provider.delete",
      before: { name, has_credentials: true },
      after: null,
    });
  });

  test("is rejected while models or keys use it, and names them", async () => {
    const { id, name } = await makeGroq();
    const targets = [{ provider_id: id, upstream_model: "a" }];
    for (const letter of ["f", "e", "d", "c", "b", "a"]) {
      await createModel(admin, { name: `${letter}-model`, price, targets });
    }
    await world.db.update(apiKeys).set({ providerId: id }).where(eq(apiKeys.id, world.a.memberKey));
    await expect(deleteProvider(admin, { id })).rejects.toMatchObject({
      code: "conflict",
      message: `The provider "${name}" is still used by the models a-model, b-model, c-model, d-model, e-model and 1 more and by the key a-member (tg_test_a-member…).`,
    });
  });

  test("is not prevented by a revoked key", async () => {
    const { id } = await makeGroq();
    await world.db
      .update(apiKeys)
      .set({ providerId: id, revokedAt: new Date() })
      .where(eq(apiKeys.id, world.a.otherKey));
    await deleteProvider(admin, { id });
    const [key] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, world.a.otherKey));
    expect(key?.providerId).toBeNull();
  });
});

describe("testing a provider", () => {
  test("sends a request with the stored credentials, and changes nothing", async () => {
    const server = createServer((request, response) => {
      const known = request.headers.authorization === "Bearer sk-right";
      response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
      response.end(known ? '{"data":[]}' : '{"error":{"message":"Wrong key sk-wrong-0123"}}');
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const { id } = await createProvider(admin, {
      name: "local",
      type: "openai-compatible",
      base_url: `http://127.0.0.1:${port}/v1`,
      credentials: { api_key: "sk-right" },
    });
    const audited = (await world.auditOf(id)).length;
    const healthy = await testProvider(admin, { id });
    expect(healthy).toEqual({ healthy: true, latency_ms: expect.any(Number) });
    expect(Number.isInteger(healthy.latency_ms)).toBe(true);
    expect(await world.auditOf(id)).toHaveLength(audited);
    await updateProvider(admin, { id, credentials: { api_key: "sk-wrong-0123" } });
    expect(await testProvider(admin, { id })).toEqual({
      healthy: false,
      latency_ms: expect.any(Number),
      error: "The provider rejected the credentials (status 401): Wrong key [hidden]",
    });
    server.close();
    server.closeAllConnections();
  });

  test("works for a simulated one", async () => {
    const { id } = await createProvider(admin, { name: "sim", type: "simulated" });
    expect(await testProvider(admin, { id })).toEqual({ healthy: true, latency_ms: 0 });
    await updateProvider(admin, { id, settings: { fail_with_status: 503 } });
    expect(await testProvider(admin, { id })).toMatchObject({
      healthy: false,
      error: expect.stringContaining("503"),
    });
  });

  test("says what to do about credentials sealed with another ENCRYPTION_KEY", async () => {
    const { id } = await makeGroq();
    await world.db
      .update(providers)
      .set({ credentials: Buffer.alloc(64, 1) })
      .where(eq(providers.id, id));
    expect(await testProvider(admin, { id })).toMatchObject({
      healthy: false,
      error: expect.stringContaining("ENCRYPTION_KEY"),
    });
    await updateProvider(admin, { id, credentials: { api_key: "again" } });
    expect(await storedKey(id)).toEqual({ api_key: "again" });
  });
});
