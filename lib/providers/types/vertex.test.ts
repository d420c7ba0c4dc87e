import { describe, expect, test } from "vitest";
import { effectiveBaseUrl, findProviderType } from "#lib/providers/registry";
import { scrubText } from "#lib/providers/scrub-text";
import {
  chatCall,
  connections,
  failure,
  send,
  serve,
  wholeOf,
} from "#lib/providers/testing/exchange-harness";
import { googleToken, serveVertex, serviceAccount, VERTEX } from "#lib/providers/testing/fake-vertex";
import { asEvents, HOSTED_EVENTS, HOSTED_WHOLE, passedBetas } from "#lib/providers/testing/hosted-claude";
import { testTarget } from "#lib/providers/testing/target";
import { redirected } from "#lib/providers/testing/token-host";
import { wireFor } from "#lib/providers/wire";

const type = findProviderType("vertex");
const BODY = { anthropic_version: "vertex-2023-10-16", max_tokens: 9, messages: [] };

/** A model whose server is not there. */
function targetOnVertex(upstreamModel: string) {
  const credentials = { service_account: serviceAccount() };
  return testTarget({ type: "vertex", credentials, settings: VERTEX, upstreamModel });
}

/** @param given null: the account that the server knows */
async function onVertex(given: object | null = null, upstreamModel = "claude-sonnet-4-5@20250929") {
  const server = await serveVertex();
  const credentials = { service_account: given ?? server.account };
  const options = { type: "vertex", baseUrl: server.url, credentials, settings: VERTEX, upstreamModel };
  const target = testTarget(options);
  const over = redirected(connections(), "https://oauth2.googleapis.com", server.tokens.url);
  const ask = async (fields: object = {}, dialect = "messages") => {
    const body = JSON.stringify({ ...BODY, ...fields });
    const stream = Reflect.get(fields, "stream") === true;
    const answer = await send(chatCall(target, { wire: wireFor(target, dialect), body, stream }), over);
    return await wholeOf(answer);
  };
  const probe = () => type?.open({ baseUrl: server.url, credentials, settings: VERTEX }).probe(over.agent);
  const list = (baseUrl: string | null = server.url, agent = over.agent) =>
    type?.open({ baseUrl, credentials, settings: VERTEX }).listModels?.(agent);
  return { ...server, target, ask, probe, list, over };
}

describe("Claude on Vertex AI", () => {
  test("is asked below the project and location, with a token that the private key is proof for", async () => {
    const { ask, seen, tokens } = await onVertex();
    expect(await ask()).toEqual({ status: 200, said: HOSTED_WHOLE });
    expect(await ask({ stream: true })).toEqual({ status: 200, said: asEvents(HOSTED_EVENTS) });
    const models = "/v1/projects/acme-project-1/locations/europe-west1/publishers/anthropic/models";
    expect(seen.map(({ path }) => path)).toEqual([
      `${models}/claude-sonnet-4-5@20250929:rawPredict`,
      `${models}/claude-sonnet-4-5@20250929:streamRawPredict`,
    ]);
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${googleToken(1)}`);
    expect(tokens.asked).toHaveLength(1);
  });

  test("counts tokens, with the model in the body", async () => {
    const { ask } = await onVertex();
    expect(await ask({ model: "claude-sonnet-4-5@20250929" }, "count_tokens")).toEqual({
      status: 200,
      said: '{"input_tokens":14}',
    });
  });

  test("has the model in the path and not in the body, and one bound", () => {
    const target = targetOnVertex("claude-opus-4-6");
    const { fieldsInPath, outputLimitField } = wireFor(target, "messages");
    expect([fieldsInPath, outputLimitField]).toEqual([["model"], "max_tokens"]);
    expect(wireFor(target, "count_tokens").fieldsInPath).toBeUndefined();
  });

  test.each([
    ["../../../publishers/google/models/x", "..%2F..%2F..%2Fpublishers%2Fgoogle%2Fmodels%2Fx"],
    ["claude-x?alt=json#", "claude-x%3Falt%3Djson%23"],
  ])("a model's name cannot change the path: %s", (name, escaped) => {
    const target = targetOnVertex("claude-x");
    const path = wireFor(target, "messages").path({ upstreamModel: name, stream: false });
    expect(path.split("/").at(-1)).toBe(`${escaped}:rawPredict`);
    expect(path.split("/")).toHaveLength(8);
  });
});

describe("the headers of a client", () => {
  const target = targetOnVertex("claude-x");

  test("give the version in the body, and those betas that Google knows in the header", () => {
    expect(passedBetas(target, "")).toEqual({
      headers: [],
      dropped: [],
      fields: { anthropic_version: '"vertex-2023-10-16"' },
    });
    expect(
      passedBetas(
        target,
        "claude-code-20250219,interleaved-thinking-2025-05-14, advanced-tool-use-2025-11-20",
      ),
    ).toEqual({
      headers: ["anthropic-beta", "interleaved-thinking-2025-05-14,tool-search-tool-2025-10-19"],
      dropped: ["anthropic-beta:claude-code-20250219"],
      fields: { anthropic_version: '"vertex-2023-10-16"' },
    });
  });

  test("ask Opus 4.5 alone for examples of tools", () => {
    const betas = "effort-2025-11-24,tool-examples-2025-10-29";
    const opus = passedBetas(targetOnVertex("claude-opus-4-5@20251101"), betas);
    expect(opus?.headers).toEqual(["anthropic-beta", "tool-examples-2025-10-29"]);
    expect(passedBetas(target, betas)?.headers).toEqual([]);
  });

  test("ask for long contexts only if they have a price", () => {
    expect(passedBetas(target, "context-1m-2025-08-07")?.headers).toEqual([]);
    expect(passedBetas(target, "context-1m-2025-08-07", true)?.headers).toEqual([
      "anthropic-beta",
      "context-1m-2025-08-07",
    ]);
  });
});

describe("where requests go", () => {
  test.each([
    ["global", "https://aiplatform.googleapis.com/v1"],
    ["us", "https://aiplatform.us.rep.googleapis.com/v1"],
    ["eu", "https://aiplatform.eu.rep.googleapis.com/v1"],
    ["us-east5", "https://us-east5-aiplatform.googleapis.com/v1"],
    ["northamerica-northeast1", "https://northamerica-northeast1-aiplatform.googleapis.com/v1"],
  ])("for the location %s is Google's own host", (location, url) => {
    const settings = { ...VERTEX, location };
    expect(type?.settings.safeParse(settings).success).toBe(true);
    expect(effectiveBaseUrl({ type: "vertex", baseUrl: null, settings })).toBe(url);
  });

  test("may be a base URL of one's own, with or without the version", () => {
    for (const baseUrl of ["https://proxy.example", "https://proxy.example/v1"])
      expect(effectiveBaseUrl({ type: "vertex", baseUrl, settings: VERTEX })).toBe(
        "https://proxy.example/v1",
      );
  });

  test.each([
    "evil.example/",
    "evil.example#",
    "evil.example?",
    "x@evil.example",
    "us-east5.evil.example/",
    "us-east5%2e",
    "us-east5\n",
    "-east5",
    "../us",
    "US-EAST5",
    "127.0.0.1",
    "us_east5",
    "\u{ff55}s-east5",
    "",
    null,
    ["us"],
  ])("cannot be changed by the location %j", (location) => {
    expect(type?.settings.safeParse({ ...VERTEX, location }).success).toBe(false);
    expect(effectiveBaseUrl({ type: "vertex", baseUrl: null, settings: { ...VERTEX, location } })).toBe("");
  });

  test.each([
    "acme/locations/us/publishers",
    "../acme-project",
    "acme%2fproject",
    "acme?project",
    "acme#project",
    "acme project",
    "acme-project\n",
    "acme:project",
    "ACME-PROJECT",
    "acme",
    "@acme-project",
    "acme\\project",
    "",
    5,
  ])("cannot be changed by the project %j", (project) => {
    expect(type?.settings.safeParse({ ...VERTEX, project }).success).toBe(false);
  });

  test("may be a project of a domain", () => {
    expect(type?.settings.safeParse({ ...VERTEX, project: "example.com:acme-project" }).success).toBe(true);
  });
});

describe("a key file", () => {
  const account = serviceAccount();
  const parsed = (change: object) =>
    type?.credentials?.safeParse({ service_account: { ...account, ...change } });

  test("is taken as Google issues it, and only what is needed is kept", () => {
    const { type: kind, client_email, private_key, private_key_id, token_uri, universe_domain } = account;
    expect(parsed({})?.data).toEqual({
      service_account: { type: kind, client_email, private_key, private_key_id, token_uri, universe_domain },
    });
  });

  test.each([
    "https://evil.example/token",
    "https://oauth2.googleapis.com.evil.example/token",
    "https://oauth2.googleapis.com@evil.example/token",
    "https://evil.example/?https://oauth2.googleapis.com/token",
    "https://oauth2.googleapis.com/token?redirect=https://evil.example",
    "https://oauth2.googleapis.com/token/../../evil",
    "http://oauth2.googleapis.com/token",
    "https://oauth2.googleapis.com:8443/token",
    "https://OAUTH2.googleapis.com/token",
    " https://oauth2.googleapis.com/token",
    "file:///etc/passwd",
    "http://169.254.169.254/token",
    "",
    5,
  ])("with the token URL %j is rejected", (token_uri) => {
    expect(parsed({ token_uri })?.error?.issues[0]?.path).toEqual(["service_account", "token_uri"]);
  });

  test("may have a token URL that Google has had before, which is not used", async () => {
    const old = { ...serviceAccount(), token_uri: "https://accounts.google.com/o/oauth2/token" };
    expect(parsed({ token_uri: old.token_uri })?.success).toBe(true);
    const { ask, tokens } = await onVertex(old);
    await failure(ask());
    expect(tokens.asked).toMatchObject([{ url: "/token" }]);
  });

  test.each<[string, object]>([
    ["no key", { private_key: undefined }],
    ["a key that is none", { private_key: "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----" }],
    ["an address that is none", { client_email: "a@b\r\nc" }],
    ["another type", { type: "authorized_user" }],
    ["another universe", { universe_domain: "evil.example" }],
  ])("with %s is rejected", (_, change) => {
    expect(parsed(change)?.success).toBe(false);
  });
});

describe("the test of a Vertex provider", () => {
  test("counts the tokens of nothing, which is free", async () => {
    const { probe, seen } = await onVertex();
    expect(await probe()).toMatchObject({ error: null });
    expect(seen).toMatchObject([{ path: expect.stringMatching(/\/count-tokens:rawPredict$/), body: {} }]);
  });

  test("says that Google rejects the account", async () => {
    const { probe, ask } = await onVertex(serviceAccount());
    const problem = "The provider's token server issued no token (status 400, invalid_grant)";
    expect((await probe())?.error).toBe(`${problem}.`);
    expect(String(await failure(ask()))).toBe(`UpstreamUnreachable: ${problem}`);
  });
});

describe("the models of a Vertex provider", () => {
  const SERVED = [
    { id: "gemini-3.5-flash" },
    { id: "gemini-embedding-001" },
    { id: "claude-sonnet-4-5@20250929" },
    { id: "claude-opus-4-6" },
  ];

  test("are what Google and Anthropic publish and Tollgate serves, with the names of requests", async () => {
    const { list } = await onVertex();
    expect(await list()).toEqual(SERVED);
  });

  test("are listed globally if the location has no list, and by Google alone", async () => {
    const { list, over, url } = await onVertex();
    const global = redirected(over, "https://aiplatform.googleapis.com", url);
    const empty = await serve((_, response) => response.writeHead(404).end());
    const regional = redirected(global, "https://europe-west1-aiplatform.googleapis.com", empty);
    expect(await list(null, regional.agent)).toEqual(SERVED);
    await expect(list(empty, global.agent)).rejects.toThrow("has no list of its models at this base URL");
  });

  test("are not listed for an account that Google rejects", async () => {
    const { list } = await onVertex(serviceAccount());
    await expect(list()).rejects.toThrow("issued no token");
  });
});

test("nothing of the account or its token passes in a message", async () => {
  const { ask, target, account } = await onVertex();
  await ask();
  const { private_key, private_key_id, client_email } = account;
  const secrets = [
    private_key,
    private_key.split("\n")[3] ?? "",
    private_key_id,
    client_email,
    googleToken(1),
  ];
  const scrubbed = scrubText(secrets.join(" and "), target);
  for (const secret of secrets) expect(scrubbed).not.toContain(secret);
});
