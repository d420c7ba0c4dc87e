import { describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/auth/actor";
import { open } from "#lib/config/seal";
import { credentialsOf } from "#lib/providers/open-provider";
import { PROVIDER_TYPE_NAMES } from "#lib/providers/registry";
import { entraApplication } from "#lib/providers/testing/fake-azure";
import { serviceAccount, VERTEX } from "#lib/providers/testing/fake-vertex";
import { ENCRYPTION_KEY } from "#lib/services/testing/context";
import { rejection } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createProvider } from "./create-provider";
import type { RoutingContext } from "./routing-context";

const world = await worldOfFile();

const AWS_KEYS = {
  access_key_id: "AKIAIOSFODNN7EXAMPLE",
  secret_access_key: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
};

/** Every text in credentials that is secret: what is the same for all, or in the settings, is not. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === "string")
    return value === VERTEX.project || /^service_account$|googleapis\.com/.test(value) ? [] : [value];
  return Object.values(Object(value)).flatMap(textsIn);
};

const context = (change: Partial<RoutingContext> = {}): RoutingContext => ({
  ...world.as(world.admin),
  ...change,
});

describe("createProvider", () => {
  test("rejects a type that is not served, and names those that are", async () => {
    const input = { name: "x", type: "telegraph", credentials: { api_key: "k" } } as const;
    await expect(createProvider(context(), input)).rejects.toThrow(
      `Choose one of: ${PROVIDER_TYPE_NAMES.join(", ")}.`,
    );
  });

  test("seals the credentials and never returns them", async () => {
    const created = await createProvider(context({ requestIp: "203.0.113.9" }), {
      name: "groq",
      type: "openai-compatible",
      base_url: "https://api.groq.com/openai/v1/",
      credentials: { api_key: "gsk-very-secret" },
    });
    expect(created).toMatchObject({
      name: "groq",
      base_url: "https://api.groq.com/openai/v1",
      has_credentials: true,
      enabled: true,
    });
    const [row] = await world.db.$client`SELECT * FROM providers WHERE id = ${created.id}`;
    expect(JSON.parse(open(row?.credentials, ENCRYPTION_KEY, credentialsOf(created.id)))).toEqual({
      api_key: "gsk-very-secret",
    });
    const [audit] = await world.db.$client`SELECT * FROM audit_log WHERE subject_id = ${created.id}`;
    expect(audit).toMatchObject({
      action: "provider.create",
      subject_type: "provider",
      actor_id: world.admin.id,
      actor_name: "admin",
      ip: "203.0.113.9",
    });
    expect(JSON.stringify([created, audit])).not.toContain("gsk");
  });

  test.each<[string, object, { base_url?: string; settings?: Record<string, unknown> }]>([
    ["azure-openai", entraApplication(), { base_url: "https://acme.openai.azure.com" }],
    ["vertex", { service_account: serviceAccount() }, { settings: VERTEX }],
    ["bedrock", AWS_KEYS, { settings: { region: "us-east-1" } }],
  ])(
    "seals the credentials of a provider of type %s, and shows nothing of them",
    async (type, credentials, fields) => {
      const input = { name: `sealed-${type}`, type, credentials: { ...credentials }, ...fields };
      const created = await createProvider(context(), input);
      expect(created).toMatchObject({ has_credentials: true, base_url: fields.base_url ?? null });
      const [row] = await world.db.$client`SELECT * FROM providers WHERE id = ${created.id}`;
      const stored = open(row?.credentials, ENCRYPTION_KEY, credentialsOf(created.id));
      expect(credentials).toMatchObject(JSON.parse(stored));
      const audit = await world.db.$client`SELECT * FROM audit_log WHERE subject_id = ${created.id}`;
      const shown = JSON.stringify([created, audit, { ...row, credentials: null }]);
      for (const secret of textsIn(credentials)) expect(shown).not.toContain(secret);
    },
  );

  test.each<[string, string, Parameters<typeof createProvider>[1]]>([
    [
      "credentials.service_account.token_uri",
      "sent to Google only",
      {
        name: "x",
        type: "vertex",
        credentials: { service_account: { ...serviceAccount(), token_uri: "https://evil.example/token" } },
        settings: VERTEX,
      },
    ],
    [
      "settings.location",
      "Give a location",
      { name: "x", type: "vertex", credentials: {}, settings: { ...VERTEX, location: "evil.example/" } },
    ],
    ["settings.region", "as `settings.region`", { name: "x", type: "bedrock", credentials: AWS_KEYS }],
    [
      "credentials",
      "`tenant_id`",
      { name: "x", type: "azure-openai", base_url: "https://acme.openai.azure.com", credentials: {} },
    ],
  ])("says what is wrong with %s: %s", async (field, words, input) => {
    await expect(createProvider(context(), input)).rejects.toMatchObject({
      code: "invalid",
      fields: { [field]: expect.stringContaining(words) },
    });
  });

  test("takes a list of credentials, each once, sealed as one", async () => {
    const list = [{ api_key: "sk-one" }, { api_key: "sk-two" }];
    const provider = await createProvider(context(), {
      name: "many keys",
      type: "openai",
      credentials: list,
    });
    const [row] = await world.db.$client`SELECT credentials FROM providers WHERE id = ${provider.id}`;
    expect(JSON.parse(open(row?.credentials, ENCRYPTION_KEY, credentialsOf(provider.id)))).toEqual(list);
    const input = { name: "same keys", type: "openai" } as const;
    const repeated = createProvider(context(), { ...input, credentials: [...list, { api_key: "sk-one" }] });
    await expect(repeated).rejects.toThrow("Give each of the credentials once.");
    const unknown = createProvider(context(), {
      ...input,
      credentials: [{ api_key: "sk-one" }, { key: "k" }],
    });
    await expect(unknown).rejects.toMatchObject({ code: "invalid" });
  });

  test("raises the routing version, so that every replica rereads the routing", async () => {
    const before = await world.routingVersion();
    await createProvider(context({ actor: SYSTEM }), {
      name: "simulated",
      type: "simulated",
      settings: { first_token_ms: 100 },
    });
    expect(await world.routingVersion()).toBeGreaterThan(before);
  });

  test("rejects a name that is taken, without an audit row", async () => {
    const input = { name: "taken", type: "simulated" } as const;
    await createProvider(context(), input);
    await expect(createProvider(context(), input)).rejects.toMatchObject(rejection("conflict", "name"));
    const [count] = await world.db
      .$client`SELECT count(*)::int AS n FROM audit_log WHERE after->>'name' = 'taken'`;
    expect(count?.n).toBe(1);
  });

  test("is for administrators only", async () => {
    for (const actor of [world.orgAdmin, world.member, world.viewer]) {
      await expect(
        createProvider(context({ actor }), { name: "x", type: "simulated" }),
      ).rejects.toMatchObject({
        code: "forbidden",
      });
    }
  });

  test.each([
    ["name", { name: "né", type: "simulated" as const }],
    ["base_url", { name: "x", type: "openai-compatible" as const }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "ftp://example.com" }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "https://user:pw@example.com" }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "https://example.com/v1?key=1" }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "http://169.254.169.254/v1" }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "http://[fe80::1]/v1" }],
    ["credentials.api_key", { name: "x", type: "openai" as const }],
    ["credentials.api_key", { name: "x", type: "openai" as const, credentials: { api_key: "two\nlines" } }],
    ["settings.first_token_ms", { name: "x", type: "simulated" as const, settings: { first_token_ms: -1 } }],
    [
      "settings.reply_tokens",
      {
        name: "x",
        type: "openai-compatible" as const,
        base_url: "https://example.com",
        settings: { reply_tokens: 1 },
      },
    ],
    [
      "settings.output_limit_field",
      {
        name: "x",
        type: "openai-compatible" as const,
        base_url: "https://example.com",
        settings: { output_limit_field: "max tokens" },
      },
    ],
    ["base_url", { name: "x", type: "simulated" as const, base_url: "https://example.com" }],
    ["credentials", { name: "x", type: "simulated" as const, credentials: { api_key: "k" } }],
    ["type", { name: "x", type: "telegraph" as const, credentials: { api_key: "k" } }],
  ])("names what is wrong with %s in %j", async (field, input) => {
    await expect(createProvider(context(), input)).rejects.toMatchObject(rejection("invalid", field));
  });

  test("names an unknown field", async () => {
    const surprise: Record<string, unknown> = { surprise: true };
    for (const [input, field] of [
      [{ name: "x", type: "simulated" as const, settings: surprise }, "settings.surprise"],
      [{ name: "x", type: "simulated" as const, ...surprise }, "surprise"],
    ] as const) {
      await expect(createProvider(context(), input)).rejects.toMatchObject({
        code: "invalid",
        message: expect.stringContaining("surprise"),
        fields: { [field]: expect.any(String) },
      });
    }
  });

  test("accepts a private address unless private addresses are blocked", async () => {
    const input = { name: "local", type: "openai-compatible", base_url: "http://127.0.0.1:8000/v1" } as const;
    const config = { ENCRYPTION_KEY, BLOCK_PRIVATE_UPSTREAMS: true, ALLOW_PRIVATE_WEBHOOKS: false };
    await expect(createProvider(context({ config }), input)).rejects.toMatchObject({ code: "invalid" });
    expect(await createProvider(context(), input)).toMatchObject({ has_credentials: false });
  });
});
