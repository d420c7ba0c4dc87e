import { describe, expect, test } from "vitest";
import { readErrorAnswer } from "#lib/gateway/testing/read-error-answer";
import { testTarget } from "#lib/providers/testing/target";
import { stopwatch } from "#lib/testing/promptness";
import { scrubbedEvent } from "./scrub";

const target = testTarget({
  baseUrl: "https://vllm-7.prod.acme.example:8443/v1",
  apiKey: "CANARY-0123456789ab9xQ2",
});

const read = (status: number, body: unknown) => readErrorAnswer(target, status, body);

const EXTRA_FIELD = [
  { type: "extra_forbidden", loc: ["body", "messages", 6, "assistant", "name"], msg: "Not permitted" },
];

/** As providers have answered, by recordings, documentation and bug reports; ids are made up. */
describe("an error about the client's request reaches the client", () => {
  test.each<[string, number, unknown, object]>([
    [
      "OpenAI (recorded)",
      400,
      {
        error: {
          code: "unsupported_parameter",
          message:
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          param: "max_tokens",
          type: "invalid_request_error",
        },
      },
      {
        code: "unsupported_parameter",
        message:
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        param: "max_tokens",
        type: "invalid_request_error",
      },
    ],
    [
      "OpenAI, of a tool named like an account's thing",
      400,
      {
        error: {
          message:
            "Invalid schema for function 'get_your_account_billing': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.",
          type: "invalid_request_error",
          param: "tools[0].function.parameters",
          code: "invalid_function_parameters",
        },
      },
      {
        message: expect.stringContaining("'get_your_account_billing': schema must be"),
        param: "tools[0].function.parameters",
        code: "invalid_function_parameters",
      },
    ],
    [
      "OpenAI, of a call id",
      400,
      {
        error: {
          message:
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_8x2mUQ0y3k1aHhVb9Qk1nT5r",
          type: "invalid_request_error",
          param: "messages.[3].role",
          code: null,
        },
      },
      { message: expect.stringContaining("call_8x2mUQ0y3k1aHhVb9Qk1nT5r"), param: "messages.[3].role" },
    ],
    [
      "Azure, a prompt that is filtered",
      400,
      {
        error: {
          message:
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
          type: null,
          param: "prompt",
          code: "content_filter",
          status: 400,
          innererror: {
            code: "ResponsibleAIPolicyViolation",
            content_filter_result: { jailbreak: { filtered: true, detected: true } },
          },
        },
      },
      {
        message:
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: [hidden]",
        code: "content_filter",
        param: "prompt",
      },
    ],
    [
      "Mistral",
      422,
      {
        object: "error",
        message: {
          detail: [
            {
              type: "extra_forbidden",
              loc: ["body", "max_completion_tokens"],
              msg: "Extra inputs are not permitted",
              input: 32000,
            },
          ],
        },
        type: "invalid_request_error",
        param: null,
        code: null,
      },
      { message: "max_completion_tokens: Extra inputs are not permitted", type: "invalid_request_error" },
    ],
    [
      "Mistral's newer form",
      422,
      {
        object: "Error",
        detail: EXTRA_FIELD,
        message: EXTRA_FIELD,
        type: "invalid_request_error",
        code: 3001,
      },
      { message: "messages.6.assistant.name: Not permitted", code: null },
    ],
    [
      "OpenRouter, with the words of the provider behind it",
      400,
      {
        error: {
          message: "Provider returned error",
          code: 400,
          metadata: {
            raw: '{\n  "error": {\n    "message": "Response input messages must contain the word \'json\' in some form to use \'text.format\' of type \'json_object\'.",\n    "type": "invalid_request_error",\n    "param": "input",\n    "code": null\n  }\n}',
            provider_name: "OpenAI",
          },
        },
        user_id: "org_2x9f5",
      },
      {
        message:
          "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
        type: "invalid_request_error",
        param: "input",
      },
    ],
    [
      "OpenRouter, a prompt that is flagged",
      403,
      {
        error: {
          code: 403,
          message: 'acme/model requires moderation on Acme. Your input was flagged for "violence".',
          metadata: { reasons: ["violence"], flagged_input: "…", provider_name: "Acme" },
        },
      },
      { message: expect.stringContaining("Your input was flagged") },
    ],
    [
      "xAI, a prompt that is flagged",
      403,
      {
        code: "The caller does not have permission to execute the specified operation",
        error:
          "Content violates usage guidelines. Team: 6f8c1247-b44f-478b-b12b-ad61437594f0, API key ID: 7a8c1247-b44f-478b-b12b-ad61437594f1, Model: grok-4-0709, Failed check: SAFETY_CHECK_TYPE_BIO",
      },
      {
        message:
          "Content violates usage guidelines. Team: [hidden], API key ID: [hidden], Model: grok-4-0709, Failed check: SAFETY_CHECK_TYPE_BIO",
        code: null,
      },
    ],
    [
      "vLLM",
      400,
      {
        object: "error",
        message:
          "This model's maximum context length is 131072 tokens. However, you requested 156632 tokens (152536 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.",
        type: "BadRequestError",
        param: null,
        code: 400,
      },
      { message: expect.stringContaining("you requested 156632 tokens (152536"), type: "BadRequestError" },
    ],
    [
      "vLLM since 0.16",
      400,
      {
        error: {
          message:
            "You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024 tokens, resulting in a maximum input length of 1014 tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=1015)",
          type: "BadRequestError",
          param: "input_tokens",
          code: 400,
        },
      },
      { message: expect.stringContaining("(parameter=input_tokens, value=1015)"), param: "input_tokens" },
    ],
    [
      "Ollama",
      400,
      {
        error: {
          message: "registry.ollama.ai/library/qwen:4b does not support tools",
          type: "api_error",
          param: null,
          code: null,
        },
      },
      { message: "[hidden]/library/qwen:4b does not support tools", type: "api_error" },
    ],
    [
      "Ollama's own dialect",
      400,
      { error: "gemma3:4b does not support tools" },
      { message: "gemma3:4b does not support tools", type: "invalid_request_error" },
    ],
    [
      "Google",
      400,
      [
        {
          error: {
            code: 400,
            message: "Please ensure that function call turn comes immediately after a user turn.",
            status: "INVALID_ARGUMENT",
          },
        },
      ],
      { message: expect.stringContaining("function call turn"), type: "INVALID_ARGUMENT", code: null },
    ],
    [
      "DeepSeek",
      400,
      {
        error: {
          message: "This model's maximum context length is 131072 tokens.",
          type: "invalid_request_error",
          param: null,
          code: "invalid_request_error",
        },
      },
      { message: expect.stringContaining("131072"), code: "invalid_request_error" },
    ],
    [
      "one that says nothing",
      400,
      "<html>nginx</html>",
      {
        message: "The provider rejected the request.",
        type: "invalid_request_error",
        param: null,
        code: null,
      },
    ],
  ])("%s", async (_, status, body, expected) => {
    const error = await read(status, body);
    expect(error).toMatchObject(expected);
    expect(Object.keys(error).toSorted()).toEqual(["code", "message", "param", "type"]);
  });
});

describe("secrets in an error that reaches the client", () => {
  test.each([
    ["the credential", "The key CANARY-0123456789ab9xQ2 may not use 'logprobs'."],
    ["a key", "Incorrect value near sk-proj-AbC123def456ghi789, see above."],
    ["a masked key", "The key sk-pr********************cdef cannot do it."],
    ["the beginning of the credential", "Sent CANARY-0...; 'logprobs' is not for it."],
    ["the end of the credential", "The key that ends in ...9xQ2 may not use 'logprobs'."],
    [
      "the provider's name for the request",
      "'temperature' is too high (request id: 20261121151234567890AbC)",
    ],
    ["a token", "Sent Authorization: Bearer abc.DEF-ghi_jkl012345."],
    ["a JWT", "Saw eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-sig_sig here."],
    ["an AWS key", "Signed by AKIAIOSFODNN7EXAMPLE today."],
    ["an AWS resource", "For arn:aws:bedrock:us-east-1:123456789012:inference-profile/abc it failed."],
    ["an Azure key", "Given 0123456789abcdef0123456789abcdef as it is."],
    ["an organization", "Wrong value in org-AbCdEfGhIjKlMnOpQrSt for n."],
    ["a project", "Wrong value in projects/acme-prod-123/locations/us-central1 for n."],
    ["a project's number", "Wrong value in project 123456789012 for n."],
    ["a workspace by name", "Wrong value in workspace 'Acme Research' for n."],
    ["a request id", "Wrong value, request req_011CbrFTcXhtiMzr3s6EocF7."],
    ["a UUID", "Wrong value, tenant 6f8c1247-b44f-478b-b12b-ad61437594f0."],
    ["our host", "Wrong value at vllm-7.prod.acme.example:8443 for n."],
    ["our host by name", "Wrong value at vllm-7.prod.acme.example for n."],
    ["a host inside", "Wrong value at router.svc.cluster.local:8000 for n."],
    ["a URL", "Wrong value at http://router:8000/v1/chat for n."],
    ["an address", "Wrong value at 10.1.2.3:8000 for n."],
    ["an IPv6 address", "Wrong value at fd00:12:3456::9 for n."],
    ["a mail address", "Wrong value, ask ops-team@acme.example about n."],
    ["a file", "Wrong value in /opt/acme/models/llama-3 for n."],
  ])("hides %s and keeps the rest", async (_, message) => {
    const error = await read(400, { error: { message, type: "invalid_request_error", param: message } });
    const secret =
      /CANARY[\w-]*|sk-\S*[\w*]|abc\.DEF|eyJ|AKIA|arn:|9xQ2|0123456789ab|20261121|org-\w+|acme|Acme|123456789012|req_\w+|6f8c1247|router|10\.1|fd00|ops-team/;
    expect(message).toMatch(secret);
    expect(error.message).not.toMatch(secret);
    expect(error.param).not.toMatch(secret);
    expect(error.message).toContain("[hidden]");
    expect(error.message.length).toBeGreaterThan("[hidden]".length + 5);
  });

  test("a stack trace ends the message", async () => {
    const message =
      'Bad value.\nTraceback (most recent call last):\n  File "/srv/app/serve.py", line 3, in run';
    expect((await read(400, { error: { message } })).message).toBe("Bad value.");
  });

  test("truncates a megabyte of words at a word, quickly", async () => {
    const took = stopwatch();
    for (const word of ["a-a-a-a-", "a.a.a.a.", "aaaaaaaa", "a:a:a:a:", "********", "[[[[(((("]) {
      const message = `${word.repeat(7_000)} sk-proj-AbC123def456ghi789`;
      expect((await read(400, { error: { message } })).message.length).toBeLessThanOrEqual(2_000);
    }
    expect(took()).toBeLessThan(5_000);
  });
});

describe("an error event in a stream", () => {
  test("reports what it says about the request", () => {
    expect(
      scrubbedEvent({ message: "The image is too large.", type: "invalid_request_error" }, target),
    ).toEqual({
      message: "The image is too large.",
      type: "invalid_request_error",
      param: null,
      code: null,
    });
  });

  test.each([
    { message: "You exceeded your current quota, please check your plan and billing details." },
    { message: "Incorrect API key provided: sk-ab***cd.", code: "invalid_api_key" },
  ])("reports only a failure if it is about our account: $message", (detail) => {
    expect(scrubbedEvent(detail, target)).toEqual({
      message: "The provider could not serve the request.",
      type: "server_error",
      param: null,
      code: "upstream_error",
    });
  });
});
