import { describe, expect, test } from "vitest";
import { effectiveBaseUrl, findProviderType } from "#lib/providers/registry";
import { scrubText } from "#lib/providers/scrub-text";
import { chatCall, connections, send, wholeOf } from "#lib/providers/testing/exchange-harness";
import {
  BEDROCK_EVENTS,
  type BedrockAnswer,
  MODEL_ID,
  REGION,
  serveBedrock,
} from "#lib/providers/testing/fake-bedrock";
import { asEvents, HOSTED_WHOLE, passedBetas } from "#lib/providers/testing/hosted-claude";
import { testTarget } from "#lib/providers/testing/target";
import { redirected } from "#lib/providers/testing/token-host";
import { wireFor } from "#lib/providers/wire";

const type = findProviderType("bedrock");
const BODY = {
  anthropic_version: "bedrock-2023-05-31",
  max_tokens: 9,
  messages: [{ role: "user", content: "é 🚀" }],
};
const KEYS = {
  access_key_id: "AKIAIOSFODNN7EXAMPLE",
  secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

type Given = { credentials?: object; upstreamModel?: string; region?: string; instead?: BedrockAnswer };

async function onBedrock({ credentials, upstreamModel = MODEL_ID, region = REGION, instead }: Given = {}) {
  const server = await serveBedrock(instead);
  const given = credentials ?? server.keys;
  const settings = { region };
  const target = testTarget({
    type: "bedrock",
    baseUrl: server.url,
    credentials: given,
    settings,
    upstreamModel,
  });
  const ask = async (stream = false, body: object = BODY) => {
    const call = { wire: wireFor(target, "messages"), body: JSON.stringify(body), stream };
    const answer = await send(chatCall(target, call));
    return await wholeOf(answer);
  };
  const probe = () =>
    type?.open({ baseUrl: server.url, credentials: given, settings }).probe(connections().agent);
  const opened = type?.open({ baseUrl: server.url, credentials: given, settings });
  const list = () => opened?.listModels?.(connections().agent);
  return { ...server, target, ask, probe, list };
}

describe("Claude on Bedrock", () => {
  test("is asked with a signature that AWS's own package makes, whole and streamed", async () => {
    const { ask, seen, keys } = await onBedrock();
    expect(await ask()).toEqual({ status: 200, said: HOSTED_WHOLE });
    expect(await ask(true)).toEqual({ status: 200, said: asEvents(BEDROCK_EVENTS) });
    expect(seen.map(({ path }) => path)).toEqual([
      "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke",
      "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream",
    ]);
    expect(seen[0]?.headers["x-amz-security-token"]).toBe(keys.session_token);
  });

  test("is asked with keys that do not expire, or an API key", async () => {
    const lasting = await onBedrock();
    const { session_token: _, ...keys } = lasting.keys;
    for (const credentials of [keys, { api_key: lasting.apiKey }]) {
      const target = testTarget({
        type: "bedrock",
        baseUrl: lasting.url,
        credentials,
        settings: { region: REGION },
        upstreamModel: MODEL_ID,
      });
      const answer = await send(
        chatCall(target, { wire: wireFor(target, "messages"), body: JSON.stringify(BODY) }),
      );
      expect(answer.status).toBe(200);
    }
    expect(lasting.seen[0]?.headers).not.toHaveProperty("x-amz-security-token");
  });

  test.each([
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/a!b'c(d)*claude-x/anthropic.claude-x",
  ])("is asked by an ARN: %s", async (upstreamModel) => {
    const { ask, seen } = await onBedrock({ upstreamModel });
    expect((await ask()).status).toBe(200);
    expect(seen[0]?.path.split("/")).toHaveLength(4);
  });

  test("is told from other models by its name", () => {
    const dialects = (upstreamModel: string) =>
      testTarget({
        type: "bedrock",
        credentials: KEYS,
        settings: { region: REGION },
        upstreamModel,
      }).wires.map(({ dialect }) => dialect);
    for (const name of [
      MODEL_ID,
      "anthropic.claude-opus-4-6-v1",
      "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    ])
      expect(dialects(name)).toContain("messages");
    for (const name of ["amazon.nova-pro-v1:0", "meta.llama4-claude", "us.deepseek.r1-v1:0"])
      expect(dialects(name)).toEqual(["converse"]);
  });

  test("rejects a signature for another region or by another key", async () => {
    const { ask, keys } = await onBedrock({ region: "eu-west-1" });
    expect(await ask()).toMatchObject({ status: 403, said: expect.stringContaining("does not match") });
    const wrong = await onBedrock({ credentials: { ...keys, access_key_id: KEYS.access_key_id } });
    expect(await wrong.ask()).toMatchObject({ status: 403, said: expect.stringContaining("security token") });
  });

  test("says that the account's limit is reached with the status that means it", async () => {
    const instead = {
      status: 400,
      name: "ServiceQuotaExceededException",
      message: "Too many tokens per day",
    };
    const { ask } = await onBedrock({ instead });
    expect((await ask()).status).toBe(429);
  });
});

describe("the headers of a client", () => {
  const passed = (betas: string, hasTiers = false, upstreamModel = MODEL_ID) => {
    const settings = { region: REGION };
    const target = testTarget({ type: "bedrock", credentials: KEYS, settings, upstreamModel });
    return passedBetas(target, betas, hasTiers);
  };

  test("become fields of the body, but for what Bedrock does not know", () => {
    const version = { anthropic_version: '"bedrock-2023-05-31"' };
    expect(passed("")).toEqual({ headers: [], dropped: [], fields: version });
    expect(
      passed(
        "claude-code-20250219,interleaved-thinking-2025-05-14,tool-search-tool-2025-10-19,advanced-tool-use-2025-11-20,context-1m-2025-08-07",
      ),
    ).toEqual({
      headers: [],
      dropped: ["anthropic-beta:claude-code-20250219", "anthropic-beta:context-1m-2025-08-07"],
      fields: {
        ...version,
        anthropic_beta: '["interleaved-thinking-2025-05-14","tool-search-tool-2025-10-19"]',
      },
    });
    expect(passed("context-1m-2025-08-07", true)?.fields?.anthropic_beta).toBe('["context-1m-2025-08-07"]');
  });

  test("ask Opus 4.5 alone for effort and examples of tools, which have been no betas since", () => {
    const betas = "effort-2025-11-24,tool-examples-2025-10-29";
    const opus = passed(betas, false, "us.anthropic.claude-opus-4-5-20251101-v1:0");
    expect(opus?.fields?.anthropic_beta).toBe('["effort-2025-11-24","tool-examples-2025-10-29"]');
    expect(passed(betas, false, "us.anthropic.claude-opus-4-7")?.fields).not.toHaveProperty("anthropic_beta");
  });
});

describe("where requests go", () => {
  const urlOf = (region: unknown, baseUrl: string | null = null) =>
    effectiveBaseUrl({ type: "bedrock", baseUrl, settings: { region } });

  test.each([
    ["us-east-1", "https://bedrock-runtime.us-east-1.amazonaws.com"],
    ["ap-southeast-2", "https://bedrock-runtime.ap-southeast-2.amazonaws.com"],
    ["us-gov-west-1", "https://bedrock-runtime.us-gov-west-1.amazonaws.com"],
    ["cn-north-1", "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"],
    ["us-iso-east-1", "https://bedrock-runtime.us-iso-east-1.c2s.ic.gov"],
    ["us-isob-east-1", "https://bedrock-runtime.us-isob-east-1.sc2s.sgov.gov"],
    ["us-isof-south-1", "https://bedrock-runtime.us-isof-south-1.csp.hci.ic.gov"],
    ["eu-isoe-west-1", "https://bedrock-runtime.eu-isoe-west-1.cloud.adc-e.uk"],
    ["eusc-de-east-1", "https://bedrock-runtime.eusc-de-east-1.amazonaws.eu"],
  ])("for the region %s is AWS's own host", (region, url) => {
    expect(type?.settings.safeParse({ region }).success).toBe(true);
    expect(urlOf(region)).toBe(url);
    expect(urlOf(region, "https://vpce-1.example/")).toBe("https://vpce-1.example");
  });

  test.each([
    "us-east-1.evil.example/",
    "evil.example#-1",
    "x@evil.example",
    "us-east-1@evil.example",
    "us-east-1/",
    "us-east-1?x=-1",
    "us-east-1%2e",
    "us-east-1\n",
    "us east 1",
    "US-EAST-1",
    "-east-1",
    "us-east",
    "127.0.0.1",
    "../us-east-1",
    "",
    null,
    1,
  ])("cannot be changed by the region %j", (region) => {
    expect(type?.settings.safeParse({ region }).success).toBe(false);
    expect(urlOf(region)).toBe("");
  });
});

describe("credentials", () => {
  const FORMS = "Give `access_key_id` and `secret_access_key`";

  test.each<[string, object, string]>([
    ["no secret", { access_key_id: KEYS.access_key_id }, FORMS],
    ["a header in the token", { ...KEYS, session_token: "a\r\nx-evil: b" }, "Give the session token"],
    ["a scope in the id", { ...KEYS, access_key_id: "AKIA/20260101/us-east-1" }, "Give the access key's id"],
    ["both forms", { ...KEYS, api_key: "ABSK" }, FORMS],
    ["a role", { ...KEYS, role_arn: "arn:aws:iam::1:role/x" }, "role_arn"],
    ["nothing", {}, FORMS],
  ])("with %s are rejected, and say what to give", (_, given, message) => {
    const { error } = type?.credentials?.safeParse(given) ?? {};
    expect(error?.issues[0]?.message).toContain(message);
  });

  test("appear in no message", async () => {
    const { keys, target, apiKey } = await onBedrock();
    const scrubbed = scrubText(Object.values(keys).join(" and "), target);
    for (const secret of Object.values(keys)) expect(scrubbed).not.toContain(secret);
    const byKey = await onBedrock({ credentials: { api_key: apiKey } });
    expect(scrubText(apiKey, byKey.target)).toBe("[hidden]");
  });
});

describe("the models of a Bedrock provider", () => {
  const MODELS = [
    { id: MODEL_ID, name: "US Claude Sonnet 4.5" },
    { id: "us.amazon.nova-pro-v1:0", name: "Nova" },
    { id: "global.anthropic.claude-opus-4-6-v1", name: "Global Claude Opus 4.6" },
    { id: "anthropic.claude-3-haiku-20240307-v1:0", name: "Claude 3 Haiku" },
    { id: "meta.llama3-8b-instruct-v1:0", name: "Llama 3" },
  ];

  test("are the profiles and models that can be invoked, asked for with signed queries", async () => {
    const { list } = await onBedrock();
    expect(await list()).toEqual(MODELS);
  });

  test("are asked for at AWS's host for lists, which is another", async () => {
    const { url, keys, seen } = await serveBedrock();
    const agent = redirected(connections(), "https://bedrock.us-east-1.amazonaws.com", url).agent;
    const opened = type?.open({ baseUrl: null, credentials: keys, settings: { region: REGION } });
    // The server computes the signature for its own address.
    await expect(opened?.listModels?.(agent)).rejects.toThrow("rejected the credentials");
    expect(seen).toMatchObject([{ method: "GET", path: "/inference-profiles?maxResults=1000" }]);
  });
});

describe("the test of a Bedrock provider", () => {
  test("sends a request without messages, which is rejected at no charge", async () => {
    const { probe, seen } = await onBedrock();
    expect(await probe()).toMatchObject({ error: null });
    expect(seen).toMatchObject([
      { method: "POST", path: expect.stringMatching(/%3A0\/converse$/), body: {} },
    ]);
  });

  test("says that AWS rejects the keys", async () => {
    const { probe } = await onBedrock({ credentials: KEYS });
    expect((await probe())?.error).toBe(
      "The provider rejected the credentials (status 403): The security token included in the request is invalid.",
    );
    const byKey = await onBedrock({ credentials: { api_key: "ABSKwrong-0123456789" } });
    expect((await byKey.probe())?.error).toMatch(/^The provider rejected the credentials \(status 403\)/);
  });
});
