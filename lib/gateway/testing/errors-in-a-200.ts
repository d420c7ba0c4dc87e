import { ERRORS_OF_SERVERS } from "./errors-of-servers";
import { type ErrorInside, FAILED, OPERATOR_ONLY, RATE_LIMITED } from "./expected-errors";

/** The shapes that providers document, with messages that quote our key. */
export const ERRORS_IN_A_200: readonly ErrorInside[] = [
  ...ERRORS_OF_SERVERS,
  {
    name: "openai",
    body: {
      error: {
        message: "The server had an error (key {{api_key}}).",
        type: "server_error",
        param: null,
        code: null,
      },
    },
    expected: { ...FAILED, message: "The server had an error (key [hidden])." },
  },
  {
    name: "text",
    body: { error: "Upstream of {{api_key}} failed" },
    expected: { ...FAILED, message: "Upstream of [hidden] failed" },
  },
  {
    name: "openrouter",
    body: {
      id: "gen-1",
      error: { code: 503, message: "No instance of {{api_key}} is up", metadata: { provider_name: "Acme" } },
    },
    expected: { status: 503, code: "upstream_error", message: "No instance of [hidden] is up" },
  },
  {
    name: "openrouter-nested",
    body: {
      error: {
        code: 502,
        message: "Provider returned error",
        metadata: { raw: '{"error":{"message":"Bad gateway for {{api_key}}","type":"server_error"}}' },
      },
    },
    expected: { status: 502, code: "upstream_error", message: "Bad gateway for [hidden]" },
  },
  {
    name: "openrouter-choice",
    body: {
      id: "gen-2",
      choices: [
        {
          index: 0,
          delta: { role: "assistant", content: "" },
          finish_reason: "error",
          error: { code: 502, message: "Upstream idle timeout with {{api_key}}" },
        },
      ],
    },
    expected: { status: 502, code: "upstream_error", message: "Upstream idle timeout with [hidden]" },
  },
  {
    name: "finish-reason",
    body: { id: "c", choices: [{ index: 0, delta: {}, finish_reason: "error" }] },
    expected: { ...FAILED, message: "The provider" },
  },
  {
    name: "vllm",
    body: {
      object: "error",
      message: "EngineCore of {{api_key}} encountered an issue.",
      type: "InternalServerError",
      param: null,
      code: 500,
    },
    expected: { status: 500, code: "upstream_error", message: "EngineCore of [hidden]" },
  },
  {
    name: "fastchat-context",
    body: {
      object: "error",
      message: "This model's maximum context length is 4096 tokens. {{api_key}}",
      code: 40303,
    },
    expected: { status: 400, code: null, message: "This model's maximum context length is 4096 tokens." },
  },
  {
    name: "fastchat-text",
    body: { text: "NETWORK ERROR of {{api_key}}", error_code: 50004 },
    expected: { status: 500, code: "upstream_error", message: "The provider" },
  },
  {
    name: "fastapi",
    body: { detail: "Internal error of {{api_key}}" },
    expected: { ...FAILED, message: "Internal error of [hidden]" },
  },
  {
    name: "fastapi-list",
    body: { detail: [{ loc: ["body", "messages"], msg: "Field of {{api_key}} required", type: "missing" }] },
    expected: { ...FAILED, message: "messages: Field of [hidden] required" },
  },
  {
    name: "errors",
    body: {
      success: false,
      result: null,
      messages: [],
      errors: [{ code: 5007, message: "No such gateway for {{api_key}}" }],
    },
    expected: { ...FAILED, message: "No such gateway for [hidden]" },
  },
  {
    name: "errors-text",
    body: { errors: ["Gateway of {{api_key}} failed"] },
    expected: { ...FAILED, message: "Gateway of [hidden] failed" },
  },
  {
    name: "message-and-code",
    body: { message: "Worker of {{api_key}} crashed", code: "worker_crashed", request_id: "r" },
    expected: { ...FAILED, message: "Worker of [hidden] crashed" },
  },
  {
    name: "msg",
    body: { code: 500, msg: "404 from {{api_key}}", success: false },
    expected: { status: 500, code: "upstream_error", message: "404 from [hidden]" },
  },
  {
    name: "status-error",
    body: { status: "error", message: "Queue of {{api_key}} is full" },
    expected: { ...FAILED, message: "Queue of [hidden] is full" },
  },
  {
    name: "minimax",
    body: {
      choices: null,
      usage: null,
      base_resp: { status_code: 1000, status_msg: "unknown error, {{api_key}}" },
    },
    expected: { ...FAILED, message: "unknown error, [hidden]" },
  },
  {
    name: "minimax-rate",
    body: { choices: null, base_resp: { status_code: 1002, status_msg: "rate limit of {{api_key}}" } },
    expected: { ...RATE_LIMITED, retryAfter: "1" },
  },
  {
    name: "minimax-params",
    body: { base_resp: { status_code: 2013, status_msg: "invalid params, role of {{api_key}}" } },
    expected: { status: 400, code: null, message: "invalid params, role of [hidden]" },
  },
  {
    name: "baidu",
    body: { error_code: 336000, error_msg: "Internal error of {{api_key}}" },
    expected: { ...FAILED, message: "Internal error of [hidden]" },
  },
  {
    name: "anthropic",
    body: { type: "error", error: { type: "overloaded_error", message: "Overloaded {{api_key}}" } },
    expected: { status: 503, code: "upstream_error", message: "Overloaded [hidden]" },
  },
  {
    name: "google",
    body: [{ error: { code: 503, message: "The model is overloaded, {{api_key}}.", status: "UNAVAILABLE" } }],
    expected: { status: 503, code: "upstream_error", message: "The model is overloaded, [hidden]." },
  },
  {
    name: "apigee",
    body: { fault: { faultstring: "Gateway of {{api_key}} failed", detail: { errorcode: "x" } } },
    expected: { ...FAILED, message: "Gateway of [hidden] failed" },
  },
  {
    name: "problem",
    body: { type: "about:blank", title: "Unavailable", status: 503, detail: "No node for {{api_key}}" },
    expected: { status: 503, code: "upstream_error", message: "No node for [hidden]" },
  },
  {
    name: "nest",
    body: { statusCode: 500, message: "Of {{api_key}}", error: "Internal Server Error" },
    expected: { status: 500, code: "upstream_error", message: "Internal Server Error" },
  },
  {
    name: "rate-limited",
    body: {
      error: {
        message: "Rate limit of {{api_key}}. Please try again in 7.6s.",
        type: "requests",
        code: "rate_limit_exceeded",
      },
    },
    expected: { ...RATE_LIMITED, retryAfter: "8" },
  },
  {
    name: "rate-limited-long",
    body: { error: { message: "Slow down {{api_key}}", code: 429, retry_after: 3_600 } },
    expected: { ...RATE_LIMITED, retryAfter: "60" },
  },
  {
    name: "rate-limited-words",
    body: { error: "Too many requests from {{api_key}}" },
    expected: { ...RATE_LIMITED, retryAfter: "1" },
  },
  {
    name: "about-the-request",
    body: {
      error: {
        message: "The image of {{api_key}} is too small.",
        type: "invalid_request_error",
        param: "messages",
        code: "image_too_small",
      },
    },
    expected: { status: 400, code: "image_too_small", message: "The image of [hidden] is too small." },
  },
  {
    name: "unprocessable",
    body: { error: { message: "Too many tools for {{api_key}}.", code: 422 } },
    expected: { status: 422, code: null, message: "Too many tools for [hidden]." },
  },
  {
    name: "key",
    body: {
      error: {
        message: "Incorrect API key provided: {{api_key}}.",
        type: "invalid_request_error",
        code: "invalid_api_key",
      },
    },
    expected: OPERATOR_ONLY,
  },
  {
    name: "credits",
    body: { error: { code: 402, message: "Insufficient credits. Add more at {{api_key}}." } },
    expected: OPERATOR_ONLY,
  },
  {
    name: "model-gone",
    body: {
      error: {
        message: "The model of {{api_key}} has been decommissioned.",
        type: "invalid_request_error",
        code: "model_decommissioned",
      },
    },
    expected: OPERATOR_ONLY,
  },
];
