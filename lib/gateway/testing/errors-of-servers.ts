import { type ErrorInside, FAILED, OPERATOR_ONLY, RATE_LIMITED } from "./expected-errors";

const LIMITED = { ...RATE_LIMITED, retryAfter: "1" };

/** Errors of clouds, API gateways and frameworks, in spellings and wrappers of their own, as they document them. */
export const ERRORS_OF_SERVERS: readonly ErrorInside[] = [
  {
    name: "tencent",
    body: {
      Response: {
        Error: { Code: "InternalError", Message: "Node of {{api_key}} failed" },
        RequestId: "ed93f3cb-f35e-473f-b9f3-0d451b8b79c6",
      },
    },
    expected: { ...FAILED, message: "Node of [hidden] failed" },
  },
  {
    name: "tencent-limit",
    body: {
      Response: {
        Error: { Code: "RequestLimitExceeded", Message: "Slow down, {{api_key}}" },
        RequestId: "r",
      },
    },
    expected: LIMITED,
  },
  {
    name: "tencent-key",
    body: {
      Response: { Error: { Code: "AuthFailure.SecretIdNotFound", Message: "{{api_key}} is unknown" } },
    },
    expected: OPERATOR_ONLY,
  },
  {
    name: "hunyuan-stream",
    body: {
      Created: 1,
      Id: "i",
      ErrorMsg: { Msg: "Engine of {{api_key}} timed out", Code: 2001 },
      Choices: [],
    },
    expected: { ...FAILED, message: "Engine of [hidden] timed out" },
  },
  {
    name: "volcengine",
    body: {
      ResponseMetadata: {
        RequestId: "r",
        Service: "ml_maas",
        Error: { Code: "InternalServiceError", CodeN: 100_010, Message: "Worker of {{api_key}} failed" },
      },
    },
    expected: { ...FAILED, message: "Worker of [hidden] failed" },
  },
  {
    name: "aliyun",
    body: { RequestId: "r", HostId: "h", Code: "Throttling.User", Message: "Denied for {{api_key}}" },
    expected: LIMITED,
  },
  {
    name: "dashscope",
    body: { code: "InternalError.Algo", message: "Engine of {{api_key}} failed", request_id: "r" },
    expected: { ...FAILED, message: "Engine of [hidden] failed" },
  },
  {
    name: "dashscope-content",
    body: { code: "DataInspectionFailed", message: "Input of {{api_key}} may be inappropriate." },
    expected: {
      status: 400,
      code: "DataInspectionFailed",
      message: "Input of [hidden] may be inappropriate.",
    },
  },
  ...[4, 17, 18, 19, 336_501, 336_502].map((error_code) => ({
    name: `baidu-${error_code}`,
    body: { error_code, error_msg: "Open api qps request limit reached, {{api_key}}" },
    expected: LIMITED,
  })),
  {
    name: "baidu-busy",
    body: { error_code: 336_100, error_msg: "try again, {{api_key}}" },
    expected: { status: 503, code: "upstream_error", message: "try again, [hidden]" },
  },
  {
    name: "zhipu-limit",
    body: { error: { code: "1302", message: "并发数过高 {{api_key}}" } },
    expected: LIMITED,
  },
  {
    name: "zhipu-content",
    body: { error: { code: "1301", message: "不安全 {{api_key}}" } },
    expected: { status: 400, code: "1301", message: "不安全 [hidden]" },
  },
  {
    name: "iflytek",
    body: { header: { code: 10_013, message: "Engine of {{api_key}} failed", sid: "s", status: 2 } },
    expected: { ...FAILED, message: "Engine of [hidden] failed" },
  },
  {
    name: "huawei",
    body: { error_code: "APIG.0201", error_msg: "Backend of {{api_key}} timed out", request_id: "r" },
    expected: { ...FAILED, message: "Backend of [hidden] timed out" },
  },
  {
    name: "modelscope",
    body: { errors: { message: "No worker for {{api_key}}" }, request_id: "r" },
    expected: { ...FAILED, message: "No worker for [hidden]" },
  },
  {
    name: "siliconflow",
    body: { code: 20_099, message: "Worker of {{api_key}} failed", data: null },
    expected: { ...FAILED, message: "Worker of [hidden] failed" },
  },
  {
    name: "databricks",
    body: { error_code: "REQUEST_LIMIT_EXCEEDED", message: "Of {{api_key}}" },
    expected: LIMITED,
  },
  {
    name: "watsonx",
    body: { errors: [{ code: "failed", message: "Worker of {{api_key}}" }], trace: "t", status_code: 500 },
    expected: { status: 500, code: "upstream_error", message: "Worker of [hidden]" },
  },
  {
    name: "nim",
    body: { type: "urn:nvcf", title: "Too Many Requests", status: 429, instance: "{{api_key}}" },
    expected: LIMITED,
  },
  {
    name: "nim-title",
    body: { title: "No worker for {{api_key}}", status: 503 },
    expected: { status: 503, code: "upstream_error", message: "No worker for [hidden]" },
  },
  {
    name: "bedrock",
    body: { __type: "com.amazon.bedrock#ThrottlingException", message: "Too fast, {{api_key}}" },
    expected: LIMITED,
  },
  {
    name: "bedrock-exception",
    body: { __type: "InternalServerException", Message: "Node of {{api_key}} failed" },
    expected: { ...FAILED, message: "Node of [hidden] failed" },
  },
  {
    name: "lambda",
    body: { errorMessage: "Handler of {{api_key}} failed", errorType: "RuntimeError", stackTrace: ["a"] },
    expected: { ...FAILED, message: "Handler of [hidden] failed" },
  },
  {
    name: "api-gateway",
    body: { message: "Endpoint of {{api_key}} failed" },
    expected: { ...FAILED, message: "Endpoint of [hidden] failed" },
  },
  {
    name: "apigee-quota",
    body: {
      fault: { faultstring: "Of {{api_key}}", detail: { errorcode: "policies.ratelimit.QuotaViolation" } },
    },
    expected: LIMITED,
  },
  {
    name: "wso2",
    body: { fault: { code: 900_800, message: "Of {{api_key}}", description: "Backend failed" } },
    expected: { ...FAILED, message: "Of [hidden]" },
  },
  {
    name: "odata",
    body: {
      "odata.error": { code: "Failed", message: { lang: "en", value: "Backend of {{api_key}} failed" } },
    },
    expected: { ...FAILED, message: "Backend of [hidden] failed" },
  },
  {
    name: "grpc-status",
    body: { status: { code: 11_006, description: "Model of {{api_key}} failed" }, outputs: [] },
    expected: { ...FAILED, message: "Model of [hidden] failed" },
  },
  {
    name: "json-rpc",
    body: { jsonrpc: "2.0", id: 1, error: { code: -32_000, message: "Server of {{api_key}} failed" } },
    expected: { ...FAILED, message: "Server of [hidden] failed" },
  },
  {
    name: "spring",
    body: { timestamp: "2026-01-01", status: 500, error: "Internal Server Error", path: "/{{api_key}}" },
    expected: { status: 500, code: "upstream_error", message: "Internal Server Error" },
  },
  {
    name: "tgi",
    body: { error: "Model of {{api_key}} is overloaded", error_type: "overloaded" },
    expected: { status: 503, code: "upstream_error", message: "Model of [hidden] is overloaded" },
  },
  {
    name: "groq",
    body: { id: "c", choices: [{ index: 0, delta: {} }], x_groq: { id: "req_1", error: "over_capacity" } },
    expected: { status: 503, code: "upstream_error", message: "over_capacity" },
  },
  {
    name: "exception",
    body: { exception: "RuntimeError: out of memory, {{api_key}}", traceback: ["File x, {{api_key}}"] },
    expected: { ...FAILED, message: "RuntimeError: out of memory, [hidden]" },
  },
  {
    name: "traceback",
    body: { traceback: "Traceback (most recent call last) {{api_key}}" },
    expected: { ...FAILED, message: "The provider" },
  },
  {
    name: "err",
    body: { err: "Queue of {{api_key}} is full" },
    expected: { ...FAILED, message: "Queue of [hidden] is full" },
  },
  {
    name: "not-ok",
    body: { ok: false, description: "Worker of {{api_key}} is gone" },
    expected: { ...FAILED, message: "Worker of [hidden] is gone" },
  },
  {
    name: "data-error",
    body: { data: { error: { message: "Worker of {{api_key}} failed" } } },
    expected: { ...FAILED, message: "Worker of [hidden] failed" },
  },
  {
    name: "result-error",
    body: { id: 1, result: { output: { error: "Worker of {{api_key}} failed" } } },
    expected: { ...FAILED, message: "Worker of [hidden] failed" },
  },
  {
    name: "detail-error",
    body: { detail: { error: "Worker of {{api_key}} failed" } },
    expected: { ...FAILED, message: "Worker of [hidden] failed" },
  },
  {
    name: "runpod",
    body: { id: "i", status: "FAILED", error: "Worker of {{api_key}} exited" },
    expected: { ...FAILED, message: "Worker of [hidden] exited" },
  },
  {
    name: "error-in-error",
    body: { error: { error: { message: "Worker of {{api_key}} failed" } } },
    expected: { ...FAILED, message: "Worker of [hidden] failed" },
  },
  {
    name: "json-text",
    body: "Worker of {{api_key}} failed",
    expected: { ...FAILED, message: "Worker of [hidden] failed" },
  },
];
