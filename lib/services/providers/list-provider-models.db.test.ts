import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { providers } from "#lib/db/schema/routing";
import { expectForAdministrators, expectUnknownIdRejected } from "#lib/services/testing/expect-rejected";
import { worldOfFile } from "#lib/services/testing/world";
import { serverOfFile } from "#lib/testing/server-of-file";
import { createProvider } from "./create-provider";
import { listProviderModels } from "./list-provider-models";
import { updateProvider } from "./update-provider";

const world = await worldOfFile();
const admin = world.as(world.admin);

const origin = await serverOfFile(({ headers }, response) => {
  const known = headers.authorization === "Bearer sk-right";
  response.writeHead(known ? 200 : 401);
  response.end(
    known
      ? '{"data":[{"id":"m","name":"M","context_window":8192,"max_output_tokens":1024},{"id":"n"}]}'
      : '{"error":{"message":"Wrong key sk-wrong-0123"}}',
  );
});

let created = 0;
const addProvider = async (apiKey: string) =>
  createProvider(admin, {
    name: `local-${++created}`,
    type: "openai-compatible",
    base_url: `${origin}/v1`,
    credentials: { api_key: apiKey },
  });

describe("the models of a provider", () => {
  test("are what it offers with the stored credentials, and nothing changes", async () => {
    const { id } = await addProvider("sk-right");
    const audited = (await world.auditOf(id)).length;
    expect(await listProviderModels(admin, { id })).toEqual({
      data: [{ id: "m", name: "M", context_window: 8192, max_output_tokens: 1024 }, { id: "n" }],
    });
    expect(await world.auditOf(id)).toHaveLength(audited);
  });

  test("are read from a disabled provider, too", async () => {
    const { id } = await addProvider("sk-right");
    await updateProvider(admin, { id, enabled: false });
    expect((await listProviderModels(admin, { id })).data).toHaveLength(2);
  });

  test("of a simulated one are named without a request", async () => {
    const { id } = await createProvider(admin, { name: "sim", type: "simulated" });
    expect(await listProviderModels(admin, { id })).toEqual({
      data: [{ id: "simulated", name: "Simulated" }],
    });
    await updateProvider(admin, { id, settings: { fail_with_status: 503 } });
    await expect(listProviderModels(admin, { id })).rejects.toMatchObject({
      code: "upstream_error",
      message: expect.stringContaining("503"),
    });
  });

  test("are an upstream_error if the provider rejects the credentials or is away", async () => {
    const { id } = await addProvider("sk-wrong-0123");
    await expect(listProviderModels(admin, { id })).rejects.toMatchObject({
      code: "upstream_error",
      status: 502,
      message: "The provider rejected the credentials (status 401): Wrong key [hidden]",
    });
    await updateProvider(admin, {
      id,
      base_url: "http://127.0.0.1:1/v1",
      credentials: { api_key: "sk-wrong-0123" },
    });
    await expect(listProviderModels(admin, { id })).rejects.toMatchObject({
      code: "upstream_error",
      message: expect.stringContaining("could not be reached"),
    });
  });

  test("are a conflict while the stored credentials cannot be decrypted", async () => {
    const { id } = await addProvider("sk-right");
    await world.db
      .update(providers)
      .set({ credentials: Buffer.alloc(64, 1) })
      .where(eq(providers.id, id));
    await expect(listProviderModels(admin, { id })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("ENCRYPTION_KEY"),
    });
  });

  test("are a conflict on Azure, whose API does not list its deployments", async () => {
    const { id } = await createProvider(admin, {
      name: "azure",
      type: "azure-openai",
      base_url: "http://127.0.0.1:1",
      credentials: { api_key: "key" },
    });
    await expect(listProviderModels(admin, { id })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("az cognitiveservices account deployment list"),
    });
  });

  test("are for administrators, and of no unknown id", async () => {
    const { id } = await addProvider("sk-right");
    await expectForAdministrators(world, (ctx) => [() => listProviderModels(ctx, { id })]);
    await expectUnknownIdRejected((unknown) => [() => listProviderModels(admin, { id: unknown })]);
  });
});
