import { describe, expect, test } from "vitest";
import { readErrorAnswer } from "#lib/gateway/testing/read-error-answer";
import { testTarget } from "#lib/providers/testing/target";
import { TargetFailed } from "./provider-error";

const target = testTarget({
  baseUrl: "https://vllm-7.prod.acme.example:8443/v1",
  apiKey: "CANARY-0123456789ab9xQ2",
});

const modelNotFound = (message: string) => ({
  error: { message, type: "invalid_request_error", param: null, code: "model_not_found" },
});

/** As providers have answered, by recordings, documentation and bug reports; ids are made up. */
describe("an error about our key, account, organization, balance or limits fails over, and is logged", () => {
  test.each<[string, number, unknown]>([
    [
      "OpenAI, an organization that is not verified",
      400,
      {
        error: {
          message:
            "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization. If you just verified, it can take up to 15 minutes for access to propagate.",
          type: "invalid_request_error",
          param: "stream",
          code: "unsupported_value",
        },
      },
    ],
    [
      "OpenAI, a project without the model",
      403,
      modelNotFound("Project `proj_JMo3Q9spNIEWhSxusokLegJY` does not have access to model `gpt-4.1`"),
    ],
    [
      "OpenAI, an account without the model",
      404,
      modelNotFound("The model `gpt-9` does not exist or you do not have access to it."),
    ],
    [
      "Anthropic, no credit",
      400,
      {
        type: "error",
        error: {
          type: "invalid_request_error",
          message:
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        },
        request_id: "req_011CbrFTcXhtiMzr3s6EocF7",
      },
    ],
    [
      "Google, a key that is not valid",
      400,
      [
        {
          error: {
            code: 400,
            message: "API key not valid. Please pass a valid API key.",
            status: "INVALID_ARGUMENT",
            details: [{ reason: "API_KEY_INVALID", domain: "googleapis.com" }],
          },
        },
      ],
    ],
    [
      "Google, a place that is not served",
      400,
      [
        {
          error: {
            code: 400,
            message: "User location is not supported for the API use.",
            status: "FAILED_PRECONDITION",
          },
        },
      ],
    ],
    [
      "Groq, the account's tokens per minute",
      413,
      {
        error: {
          message:
            "Request too large for model `llama-3.3-70b-versatile` in organization `org_01jp8byqwpfx9sp1m0dbhb6a1e` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 14810, please reduce your message size and try again. Visit https://console.groq.com/docs/rate-limits for more information.",
          type: "tokens",
          code: "rate_limit_exceeded",
        },
      },
    ],
    [
      "Azure, a deployment that is not there",
      404,
      {
        error: {
          code: "DeploymentNotFound",
          message:
            "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
        },
      },
    ],
    [
      "OpenRouter, no balance at the provider behind it",
      400,
      {
        error: {
          message: "Provider returned error",
          code: 400,
          metadata: { raw: '{"error":{"message":"Insufficient Balance","type":"unknown_error"}}' },
        },
      },
    ],
    [
      "xAI, a team without credits",
      403,
      {
        code: "The caller does not have permission to execute the specified operation",
        error:
          "Your newly created team doesn't have any credits yet. You can purchase credits on https://x.ai.",
      },
    ],
    [
      "OpenRouter, a key's limit",
      400,
      { error: { message: "Key limit exceeded. Manage it at its page.", code: 400 } },
    ],
    [
      "one-api, a token that it does not know",
      400,
      { error: { message: "无效的令牌 (request id: 2026112115123)", type: "new_api_error", code: "" } },
    ],
    [
      "one-api, a token that is used up",
      400,
      { error: { message: "该令牌额度已用尽 TokenStatusExhausted[sk-abc***def]", type: "one_api_error" } },
    ],
    [
      "one-api, a user's quota",
      400,
      { error: { message: "user quota is not enough", type: "one_api_error" } },
    ],
    [
      "LiteLLM, a budget",
      400,
      {
        error: {
          message: "ExceededBudget: User=acme over budget. Spend=12.3, Budget=10",
          type: "budget_exceeded",
        },
      },
    ],
    [
      "LiteLLM, its own key",
      400,
      {
        error: {
          message: "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...cdef",
          code: "400",
        },
      },
    ],
    [
      "Azure, a deployment",
      400,
      { error: { message: "The deployment prod-gpt of resource acme-eastus is disabled" } },
    ],
    [
      "Azure, a tenant",
      400,
      { error: { message: "Tenant abc-def provided in token does not match resource token" } },
    ],
    [
      "Google, a consumer",
      400,
      { error: { message: "consumer 'project_number:123456789012' has been suspended", code: 400 } },
    ],
    [
      "AWS, a security token",
      400,
      {
        error: {
          message: "The security token included in the request is invalid.",
          code: "UnrecognizedClientException",
        },
      },
    ],
    [
      "OpenAI, an organization's header",
      400,
      { error: { message: "Invalid organization header: org-AbCdEfGhIjKl" } },
    ],
    [
      "OpenAI, an organization",
      400,
      { error: { message: "You must be a member of an organization to use the API" } },
    ],
    [
      "OpenAI, a key's form",
      400,
      { error: { message: "Your API key does not start with the right letters." } },
    ],
    ["somebody, an end", 400, { error: { message: "Access terminated due to suspected abuse" } }],
    [
      "a proxy, no way on",
      400,
      { error: { message: "dial tcp 10.2.3.4:8080: connect: connection refused" } },
    ],
    ["a proxy's page", 404, "<html><h1>404 Not Found</h1></html>"],
    ["a proxy's page", 403, "<html><h1>403 Forbidden</h1></html>"],
  ])("%s (%i)", async (_, status, body) => {
    const failure = await readErrorAnswer(target, status, body).catch((error) => error);
    expect(failure).toBeInstanceOf(TargetFailed);
    expect(failure.message).toBe(`The provider answered with status ${status}`);
    expect(failure.cause).toBeInstanceOf(Error);
    expect(failure.cause.message).not.toMatch(/org_01|proj_|https?:/);
  });
});
