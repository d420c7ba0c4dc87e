import { describe, expect, test, vi } from "vitest";
import { findProviderType } from "#lib/providers/registry";
import { scrubText } from "#lib/providers/scrub-text";
import { chatCall, connections, failure, send, wholeOf } from "#lib/providers/testing/exchange-harness";
import {
  AZURE_ANSWERS,
  AZURE_KEY,
  AZURE_STREAM,
  entraApplication,
  serveAzure,
  tokenOf,
} from "#lib/providers/testing/fake-azure";
import { testTarget } from "#lib/providers/testing/target";
import { redirected, serveTokens } from "#lib/providers/testing/token-host";
import { wireFor } from "#lib/providers/wire";

const BODIES: Readonly<Record<string, object>> = {
  chat: { model: "mini", messages: [], max_completion_tokens: 5 },
  completions: { model: "mini", prompt: "Hi", max_tokens: 5 },
  embeddings: { model: "mini", input: "Hi" },
  responses: { model: "mini", input: "Hi", max_output_tokens: 5 },
};
const PATHS: Readonly<Record<string, string>> = { chat: "chat/completions" };

/** @param given null: the application that the server knows */
async function azure(given: object | null) {
  const server = await serveAzure();
  const credentials = given ?? server.entra;
  const target = testTarget({
    type: "azure-openai",
    baseUrl: server.url,
    credentials,
    upstreamModel: "mini",
  });
  const over = redirected(connections(), "https://login.microsoftonline.com", server.tokens.url);
  const ask = async (dialect: string, change: object = {}) => {
    const body = JSON.stringify(BODIES[dialect]);
    const call = chatCall(target, { wire: wireFor(target, dialect), body, ...change });
    const answer = await send(call, over);
    return await wholeOf(answer);
  };
  const probe = () =>
    findProviderType("azure-openai")
      ?.open({ baseUrl: server.url, credentials, settings: {} })
      .probe(over.agent);
  return { ...server, target, over, ask, probe };
}

describe("OpenAI on Azure", () => {
  test.each(Object.keys(BODIES))(
    "takes %s below /openai/v1, with the key in its own header",
    async (dialect) => {
      const { ask, seen } = await azure({ api_key: AZURE_KEY });
      const path = PATHS[dialect] ?? dialect;
      expect(await ask(dialect)).toEqual({ status: 200, said: JSON.stringify(AZURE_ANSWERS[path]) });
      expect(seen).toMatchObject([{ path, body: BODIES[dialect], headers: { "api-key": AZURE_KEY } }]);
      expect(seen[0]?.headers).not.toHaveProperty("authorization");
    },
  );

  test("streams", async () => {
    const { ask } = await azure({ api_key: AZURE_KEY });
    const body = JSON.stringify({ ...BODIES.chat, stream: true });
    expect(await ask("chat", { stream: true, body })).toEqual({ status: 200, said: AZURE_STREAM });
  });

  test("takes a token of an application in Entra ID, one for many requests", async () => {
    const { ask, seen, tokens } = await azure(null);
    for (const { status } of await Promise.all([ask("chat"), ask("responses"), ask("embeddings")]))
      expect(status).toBe(200);
    const { headers } = seen[0] ?? {};
    expect(headers?.authorization).toBe(`Bearer ${tokenOf(1)}`);
    expect(headers).not.toHaveProperty("api-key");
    expect(tokens.asked).toHaveLength(1);
  });
});

describe("a token that Azure rejects", () => {
  test("is given up for a new one, with which the request is sent once more", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { ask, seen, revoked, tokens } = await azure(null);
    await ask("chat");
    vi.advanceTimersByTime(60_000);
    revoked.add(`Bearer ${tokenOf(1)}`);
    expect((await ask("chat")).status).toBe(200);
    const used = seen.map(({ headers }) => headers.authorization);
    expect(used).toEqual([1, 1, 2].map((number) => `Bearer ${tokenOf(number)}`));
    revoked.add(`Bearer ${tokenOf(2)}`);
    // Another would be rejected, too.
    expect((await ask("chat")).status).toBe(401);
    expect(tokens.asked).toHaveLength(2);
    vi.useRealTimers();
  });
});

describe("Azure's credentials", () => {
  const ENTRA = entraApplication();
  const credentials = findProviderType("azure-openai")?.credentials;
  const isValid = (given: object) => credentials?.safeParse(given).success;

  test.each<[string, object]>([
    ["no tenant", { ...ENTRA, tenant_id: undefined }],
    ["a path", { ...ENTRA, tenant_id: "common/../../evil" }],
    ["another host", { ...ENTRA, tenant_id: "evil.example/" }],
    ["a user in the URL", { ...ENTRA, tenant_id: "@evil.example" }],
    ["a query", { ...ENTRA, tenant_id: "contoso.com?x=" }],
    ["a fragment", { ...ENTRA, tenant_id: "contoso.com#" }],
    ["an escape", { ...ENTRA, tenant_id: "contoso%2ecom" }],
    ["dots", { ...ENTRA, tenant_id: ".." }],
    ["a line break", { ...ENTRA, tenant_id: "contoso.com\n" }],
    ["a backslash", { ...ENTRA, tenant_id: "\\\\evil.example" }],
    ["a word for a client", { ...ENTRA, client_id: "my-app" }],
    ["both forms", { ...ENTRA, api_key: "k" }],
    ["another token URL", { ...ENTRA, token_url: "https://evil.example" }],
  ])("with %s are rejected", (_, given) => {
    expect(isValid(given)).toBe(false);
  });

  test("name a tenant by its id or its domain, and Microsoft's server whatever it is", () => {
    for (const tenant_id of [ENTRA.tenant_id, "contoso.onmicrosoft.com", "contoso.co.uk"])
      expect(isValid({ ...ENTRA, tenant_id })).toBe(true);
  });

  test("that are wrong say what to give", () => {
    expect(credentials?.safeParse({ tenant_id: "contoso.com" }).error?.issues).toMatchObject([
      { path: [], message: expect.stringContaining("`client_secret`") },
    ]);
  });
});

describe("the token of an application", () => {
  /** Which hosts are asked for a token, and for which scope. */
  async function issuerOf(baseUrl: string, settings: object = {}) {
    const server = await serveTokens(() => [400, { error: "invalid_client" }]);
    const hosts: string[] = [];
    const { agent, fresh } = connections();
    const recorded = agent.compose((dispatch) => (options, handler) => {
      hosts.push(String(options.origin));
      return dispatch({ ...options, origin: new URL(server.url).origin }, handler);
    });
    const target = testTarget({
      type: "azure-openai",
      baseUrl,
      credentials: entraApplication(),
      settings,
      upstreamModel: "mini",
    });
    const call = chatCall(target, { wire: wireFor(target, "chat"), body: "{}" });
    await failure(send(call, { agent: recorded, fresh }));
    return { hosts, scopes: server.asked.map(({ form }) => form.scope) };
  }
  const PUBLIC = { hosts: ["https://login.microsoftonline.com"], scopes: ["https://ai.azure.com/.default"] };
  const US = {
    hosts: ["https://login.microsoftonline.us"],
    scopes: ["https://cognitiveservices.azure.us/.default"],
  };
  const CHINA = {
    hosts: ["https://login.partner.microsoftonline.cn"],
    scopes: ["https://cognitiveservices.azure.cn/.default"],
  };

  test.each<[string, object, object]>([
    ["https://acme.openai.azure.com", {}, PUBLIC],
    ["https://acme.openai.azure.us/openai/v1", {}, US],
    ["https://acme.openai.azure.cn", {}, CHINA],
    ["https://proxy.example", { cloud: "us_government" }, US],
    ["https://proxy.example", { cloud: "china" }, CHINA],
    ["https://azure.us.evil.example", {}, PUBLIC],
    ["https://evil-azure.us", {}, PUBLIC],
    ["https://login.microsoftonline.us.evil.example", {}, PUBLIC],
  ])("is issued by Microsoft for the cloud of %s and %j", async (baseUrl, settings, issuer) => {
    expect(await issuerOf(baseUrl, settings)).toEqual(issuer);
  });

  test.each(["germany", "https://evil.example", "public ", "", null])("is of no other cloud: %j", (cloud) => {
    expect(findProviderType("azure-openai")?.settings.safeParse({ cloud }).success).toBe(false);
  });
});

describe("the test of an Azure provider", () => {
  test.each([{ api_key: AZURE_KEY }, null])("lists the models with %j", async (credentials) => {
    const { probe, seen } = await azure(credentials);
    expect(await probe()).toMatchObject({ error: null });
    expect(seen).toMatchObject([{ path: "models" }]);
  });

  test("says that a key or an application is wrong, without either", async () => {
    const { probe } = await azure({ api_key: "another-key-0123456789" });
    expect((await probe())?.error).toBe("The provider rejected the credentials (status 401): Access denied.");
    const wrong = await azure(entraApplication());
    expect((await wrong.probe())?.error).toBe(
      "The provider's token server issued no token (status 400, invalid_client).",
    );
    const error = await failure(wrong.ask("chat"));
    expect(error).toMatchObject({ name: "UpstreamUnreachable", dispatched: false });
  });
});

test("neither the application nor its token passes in a message", async () => {
  const { ask, target, entra } = await azure(null);
  await ask("chat");
  const secrets = [...Object.values(entra), tokenOf(1)];
  const scrubbed = scrubText(`wrong: ${secrets.join(" and ")}`, target);
  for (const secret of secrets) expect(scrubbed).not.toContain(secret);
});
