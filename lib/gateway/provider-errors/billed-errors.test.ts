import { describe, expect, test } from "vitest";
import { testTarget } from "#lib/providers/testing/target";
import { billedByError } from "./billed-errors";
import { errorInBody } from "./error-body";

const AZURE = "https://mine.openai.azure.com/openai/v1";
const OPENAI = "https://api.openai.com/v1";
const OTHER = "https://llm.example.com/v1";

const error = (message: string, code: string | null = null) => ({ error: { message, code } });
const TOO_LONG = error(
  "This model's maximum context length is 128000 tokens. However, your messages resulted in 178500 tokens.",
  "context_length_exceeded",
);
const FILTERED = error(
  "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
  "content_filter",
);
const FLAGGED = error(
  "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.",
  "invalid_prompt",
);
const INVALID =
  "Failed to create completion as the model generated invalid Unicode output. Unfortunately, this can happen.";
const LITELLM_TOO_LONG =
  "litellm.ContextWindowExceededError: AzureException - This model's maximum context length is 128000 tokens.";
const LITELLM_FILTERED =
  "litellm.ContentPolicyViolationError: AzureException - The response was filtered due to the prompt triggering Azure OpenAI's content management policy.";

function billed(status: number, body: unknown, baseUrl: string, upstreamModel = "gpt-4o") {
  const text = JSON.stringify(body);
  return billedByError(
    { status, error: errorInBody(text), text },
    { ...testTarget({ upstreamModel }), baseUrl },
  );
}

describe("a provider bills", () => {
  test.each([
    ["Azure's filter", 400, FILTERED, AZURE, "output_so_far"],
    ["Azure's filter behind a proxy", 400, FILTERED, OTHER, "output_so_far"],
    ["Azure's filter in a proxy's words", 400, error(LITELLM_FILTERED, "400"), OTHER, "output_so_far"],
    [
      "Azure's filter by its inner error",
      400,
      { error: { message: "Filtered.", innererror: { code: "ResponsibleAIPolicyViolation" } } },
      OTHER,
      "output_so_far",
    ],
    ["a prompt that OpenAI's check stops at Azure", 400, FLAGGED, AZURE, "output_so_far"],
    [
      "it in a proxy's words",
      400,
      error(`AzureException - ${FLAGGED.error.message}`, "400"),
      OTHER,
      "output_so_far",
    ],
    ["Azure's input limit", 400, TOO_LONG, AZURE, "input"],
    ["it at another of its hosts", 400, TOO_LONG, "https://m.services.ai.azure.com/models", "input"],
    ["and at another", 400, TOO_LONG, "https://eastus.cognitiveservices.azure.com/openai/v1", "input"],
    [
      "its newer words for it",
      400,
      error("Input tokens exceed the configured limit of 272000 tokens."),
      AZURE,
      "input",
    ],
    ["that limit in a proxy's words", 400, error(LITELLM_TOO_LONG, "400"), OTHER, "input"],
    ["invalid output", 500, error(INVALID), AZURE, "whole_bound"],
    ["invalid output elsewhere", 500, error("The model produced invalid content."), OTHER, "whole_bound"],
    ["a malformed call", 500, error("Malformed.", "malformed_output"), OTHER, "whole_bound"],
    ["invalid output by its code", 500, error("Sorry.", "invalid_model_output"), OPENAI, "whole_bound"],
    [
      "xAI's violation",
      403,
      {
        code: "The caller does not have permission to execute the specified operation",
        error: "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
      },
      "https://api.x.ai/v1",
      "violation",
    ],
  ])("%s", (_, status, body, baseUrl, bills) => {
    expect(billed(status, body, baseUrl)).toBe(bills);
  });

  test("an input limit of a model that a proxy names as Azure's", () => {
    expect(billed(400, TOO_LONG, OTHER, "azure/gpt-4o")).toBe("input");
  });
});

describe("a provider bills nothing", () => {
  test.each([
    ["an input limit elsewhere", 400, TOO_LONG, OPENAI],
    [
      "an input limit at a host that looks like Azure's",
      400,
      TOO_LONG,
      "https://evilopenai.azure.com.example/v1",
    ],
    ["an error about a value", 400, error("Invalid value.", "invalid_value"), AZURE],
    ["a server's error", 500, error("The server had an error while processing your request."), AZURE],
    ["a request of invalid form", 400, error("The model generated invalid output earlier."), OTHER],
    ["a permission that is missing", 403, error("Permission denied."), "https://api.x.ai/v1"],
  ])("for %s", (_, status, body, baseUrl) => {
    expect(billed(status, body, baseUrl)).toBe("nothing");
  });
});
