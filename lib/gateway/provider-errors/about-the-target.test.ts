import { describe, expect, test } from "vitest";
import { readErrorAnswer } from "#lib/gateway/testing/read-error-answer";
import { testTarget } from "#lib/providers/testing/target";
import { TargetFailed } from "./provider-error";

const target = testTarget({
  baseUrl: "https://vllm-7.prod.acme.example/v1",
  apiKey: "CANARY-0123456789ab9xQ2",
});
const openAi = (message: string, fields: object = {}) => ({
  error: { message, type: "invalid_request_error", param: null, code: null, ...fields },
});

/** As providers document them or users have reported them; names of models are made up. */
describe("an error about the target's model or address is another target's chance", () => {
  test.each<[string, number, unknown, RegExp]>([
    [
      "OpenAI",
      404,
      openAi("The model `gpt-9` does not exist.", { code: "model_not_found" }),
      /does not exist/,
    ],
    [
      "OpenAI, another kind of model",
      404,
      openAi("This is not a chat model.", { param: "model" }),
      /not a chat model/,
    ],
    ["OpenAI, a name", 400, openAi("invalid model ID"), /invalid model ID/],
    [
      "Azure",
      404,
      {
        error: {
          code: "DeploymentNotFound",
          message: "The API deployment for this resource does not exist.",
        },
      },
      /deployment/,
    ],
    [
      "Azure, a wrong address",
      404,
      { error: { code: "404", message: "Resource not found" } },
      /Resource not found/,
    ],
    [
      "Azure, an operation",
      400,
      {
        error: {
          code: "OperationNotSupported",
          message:
            "The chatCompletion operation does not work with the specified model, m-1. Please choose different model.",
        },
      },
      /specified model/,
    ],
    [
      "Groq",
      400,
      openAi("The model `m-1` has been decommissioned and is no longer supported. See the documentation.", {
        code: "model_decommissioned",
      }),
      /decommissioned/,
    ],
    ["Groq, flex processing", 498, openAi("Flex tier capacity exceeded"), /Flex tier/],
    [
      "Together",
      400,
      openAi(
        "Unable to access non-serverless model acme/m-1. Please create a dedicated endpoint for the model.",
        {
          code: "model_not_available",
        },
      ),
      /non-serverless/,
    ],
    [
      "Mistral",
      400,
      { object: "error", message: "Invalid model: m-1", type: "invalid_model", code: "1500" },
      /Invalid model/,
    ],
    ["DeepSeek", 400, openAi("Model Not Exist"), /Model Not Exist/],
    [
      "Moonshot",
      404,
      { error: { message: "Not found the model m-1", type: "resource_not_found_error" } },
      /Not found/,
    ],
    [
      "OpenRouter",
      404,
      { error: { message: "No endpoints found for acme/m-1.", code: 404 } },
      /No endpoints found/,
    ],
    [
      "OpenRouter, a feature",
      404,
      { error: { message: "No endpoints found that support tool use.", code: 404 } },
      /tool use/,
    ],
    [
      "OpenRouter, a name",
      400,
      { error: { message: "acme/m-9 is not a valid model ID", code: 400 } },
      /valid model ID/,
    ],
    [
      "Ollama",
      404,
      openAi('model "m-1" not found, try pulling it first', { type: "not_found_error" }),
      /try pulling/,
    ],
    [
      "vLLM",
      404,
      {
        object: "error",
        message: "The model `m-1` does not exist.",
        type: "NotFoundError",
        param: null,
        code: 404,
      },
      /does not exist/,
    ],
    [
      "LM Studio",
      400,
      openAi("No models loaded. Please load a model in the developer page."),
      /No models loaded/,
    ],
    [
      "LM Studio, loading",
      400,
      openAi('Failed to load model "m-1". Error: insufficient memory'),
      /Failed to load/,
    ],
    [
      "Fireworks",
      404,
      { error: { message: "Model not found, inaccessible, and/or not deployed" } },
      /not deployed/,
    ],
    [
      "Google",
      404,
      [
        {
          error: {
            code: 404,
            message: "models/m-1 is not found for API version v1beta",
            status: "NOT_FOUND",
          },
        },
      ],
      /not found/,
    ],
    [
      "Bedrock, a name",
      400,
      { message: "The provided model identifier is invalid." },
      /identifier is invalid/,
    ],
    [
      "Bedrock, on demand",
      400,
      { message: "Invocation of model ID acme.m-1 with on-demand throughput isn’t supported." },
      /on-demand throughput/,
    ],
    [
      "Bedrock, end of life",
      404,
      { message: "This model version has reached the end of its life." },
      /end of its life/,
    ],
    [
      "Bedrock, a model that failed",
      424,
      { message: "The system encountered an unexpected error." },
      /unexpected error/,
    ],
    ["Zhipu", 400, { error: { code: "1211", message: "模型不存在，请检查模型代码。" } }, /模型不存在/],
    ["New API", 400, openAi("分组 default 下模型 m-1 无可用渠道"), /无可用渠道/],
    [
      "GitHub Models",
      400,
      { error: { code: "unknown_model", message: "Unknown model: m-1" } },
      /Unknown model/,
    ],
    ["a model that is gone", 410, { detail: "Gone" }, /Gone/],
    ["a model that loads", 409, { error: "Model m-1 is currently loading" }, /loading/],
    ["a wrong method", 405, { detail: "Method Not Allowed" }, /Method Not Allowed/],
    ["a web server", 404, "<html><h1>404 Not Found</h1></html>", /404 Not Found/],
  ])("%s (%i)", async (_, status, body, said) => {
    const failure = await readErrorAnswer(target, status, body).catch((error) => error);
    expect(failure).toBeInstanceOf(TargetFailed);
    // For the operator's log, not for the client.
    expect(failure).toMatchObject({
      status,
      shown: null,
      usage: null,
      message: `The provider answered with status ${status}`,
    });
    expect(failure.cause.message).toMatch(said);
  });

  test.each<[string, number, unknown]>([
    ["a feature of a model", 400, openAi("m-1 does not support image input.", { param: "messages" })],
    [
      "a limit of a model",
      400,
      openAi("This model's maximum context length is 4096 tokens.", { code: "context_length_exceeded" }),
    ],
    [
      "a value that is not supported",
      400,
      openAi("'temperature' does not support 0.5 with this model.", { param: "temperature" }),
    ],
    ["a quoted text", 400, openAi("Invalid tool 'the model does not exist'.", { param: "tools" })],
    ["a tool", 422, { detail: "tool_choice names a function that is not in tools" }],
    ["a size", 413, openAi("The request is too large.")],
  ])("but %s is about the request (%i)", async (_, status, body) => {
    await expect(readErrorAnswer(target, status, body)).resolves.toMatchObject({
      message: expect.any(String),
    });
  });
});
