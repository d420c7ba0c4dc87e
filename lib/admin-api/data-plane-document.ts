import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import {
  answerHeaders,
  dataPlaneErrors,
  labels,
  rateHeaders,
  security,
  tags,
  wholeOrStreamed,
} from "./data-plane-answers";
import { responseHeaders } from "./error-document";
import { messagesPaths } from "./messages-document";

const ChatCompletionRequest = z
  .looseObject({
    model: z.string().describe("A model's name or alias."),
    messages: z.array(z.looseObject({ role: z.string() })).min(1),
    stream: z.boolean().optional(),
  })
  .meta({
    id: "ChatCompletionRequest",
    description:
      "As OpenAI's. Unknown fields reach the provider unchanged; under a hard budget they are rejected, unless `extra_fields` of the provider names them.",
  });

const ChatCompletion = z
  .looseObject({ id: z.string(), object: z.string(), model: z.string(), choices: z.array(z.looseObject({})) })
  .meta({ id: "ChatCompletion", description: "The provider's response in OpenAI's form." });

const Prompts = z
  .union([
    z.string(),
    z.array(z.string()).min(1),
    z.array(z.int()).min(1),
    z.array(z.array(z.int()).min(1)).min(1),
  ])
  .describe("A text, a list of texts, a list of tokens, or a list of such lists.");

const CompletionRequest = z
  .looseObject({
    model: z.string().describe("A model's name or alias."),
    prompt: Prompts.nullable(),
    max_tokens: z.int().optional().describe("16 if it is left out and a hard budget applies."),
    n: z.int().optional(),
    best_of: z.int().optional().describe("How many answers are made, and billed, for each prompt."),
    echo: z.boolean().optional(),
    stream: z.boolean().optional(),
  })
  .meta({
    id: "CompletionRequest",
    description: "As OpenAI's legacy endpoint. At most 4096 answers, of all prompts together.",
  });

const Completion = z
  .looseObject({ id: z.string(), object: z.string(), model: z.string(), choices: z.array(z.looseObject({})) })
  .meta({ id: "Completion", description: "The provider's completion in OpenAI's form." });

const EmbeddingRequest = z
  .looseObject({
    model: z.string().describe("A model's name or alias."),
    input: Prompts,
    encoding_format: z.string().optional(),
    dimensions: z.int().optional(),
  })
  .meta({ id: "EmbeddingRequest", description: "As OpenAI's. Nothing is added to it." });

const Embeddings = z
  .looseObject({ object: z.string(), model: z.string(), data: z.array(z.looseObject({})) })
  .meta({ id: "Embeddings", description: "The provider's vectors in OpenAI's form." });

const ResponsesRequest = z
  .looseObject({
    model: z.string().describe("A model's name or alias."),
    input: z.union([z.string(), z.array(z.looseObject({})).min(1)]).describe("A text, or a list of items."),
    instructions: z.string().optional(),
    max_output_tokens: z.int().optional(),
    stream: z.boolean().optional(),
    store: z.literal(false).optional().describe("Sent as false: nothing is kept at the provider."),
  })
  .meta({
    id: "ResponsesRequest",
    description:
      "As OpenAI's. What is kept at the provider is rejected: `previous_response_id`, `conversation`, `background`, stored prompts and files, references to items. Without `store`, reasoning is returned encrypted.",
  });

const ModelResponse = z
  .looseObject({ id: z.string(), object: z.string(), model: z.string(), output: z.array(z.looseObject({})) })
  .meta({ id: "ModelResponse", description: "The provider's response in OpenAI's form." });

const Model = z
  .looseObject({ id: z.string(), object: z.literal("model"), created: z.int(), owned_by: z.string() })
  .meta({ id: "DataPlaneModel" });

const Standing = z
  .object({
    organization: z.object({ id: z.uuid(), name: z.string() }),
    user: z.looseObject({ id: z.uuid() }).nullable(),
    api_key: z.looseObject({ id: z.uuid(), name: z.string(), key_prefix: z.string() }).nullable(),
    app: z.looseObject({ id: z.uuid(), name: z.string() }).nullable(),
    payment_valid_until: z.iso.date().nullable().describe("The last valid day, in UTC."),
    allowed_models: z.array(z.string()).nullable().describe("Null for all models."),
    budgets: z.array(
      z.object({
        scope: z.enum(["api_key", "app", "user", "organization"]),
        limit_usd: z.string(),
        period: z.enum(["day", "week", "month", "total"]),
        spent_usd: z.string(),
        held_usd: z.string(),
        remaining_usd: z.string(),
        resets_at: z.iso.datetime().nullable(),
      }),
    ),
    rate_limits: z
      .record(z.string(), z.looseObject({}))
      .describe("By scope; a key or an app without limits of its own has the installation's."),
  })
  .meta({ id: "Standing", description: "Who a caller is, and what it may still spend." });

/** The data plane, briefly: its clients are the providers' SDKs, whose documentation has the details. */
export const dataPlanePaths: ZodOpenApiPathsObject = {
  "/v1/chat/completions": {
    post: {
      operationId: "createChatCompletion",
      summary: "Create a chat completion",
      description:
        "OpenAI's endpoint, also at `/chat/completions` and `/llm/v1/chat/completions`. The worst-case cost is held before the request goes upstream and settled before the last byte of the response.",
      tags,
      security,
      requestParams: labels,
      requestBody: { required: true, content: { "application/json": { schema: ChatCompletionRequest } } },
      responses: wholeOrStreamed("The completion", ChatCompletion),
    },
  },
  "/v1/responses": {
    post: {
      operationId: "createResponse",
      summary: "Create a response",
      description:
        "OpenAI's endpoint, also at `/responses` and `/llm/v1/responses`, for models of providers that speak it. A provider's own tools are left out if the model may use others, and rejected if it must use them; its search passes for models whose price has `web_search_per_call`. A WebSocket is answered with 426.",
      tags,
      security,
      requestParams: labels,
      requestBody: { required: true, content: { "application/json": { schema: ResponsesRequest } } },
      responses: wholeOrStreamed("The response", ModelResponse),
    },
  },
  ...messagesPaths,
  "/v1/completions": {
    post: {
      operationId: "createCompletion",
      summary: "Create a legacy completion",
      description:
        "OpenAI's endpoint, also at `/completions` and `/llm/v1/completions`. The hold covers the output bound of each answer that is made: of each prompt, the greater of `n` and `best_of`.",
      tags,
      security,
      requestParams: labels,
      requestBody: { required: true, content: { "application/json": { schema: CompletionRequest } } },
      responses: wholeOrStreamed("The completion", Completion),
    },
  },
  "/v1/embeddings": {
    post: {
      operationId: "createEmbedding",
      summary: "Create embeddings",
      description: "OpenAI's endpoint, also at `/embeddings` and `/llm/v1/embeddings`.",
      tags,
      security,
      requestParams: labels,
      requestBody: { required: true, content: { "application/json": { schema: EmbeddingRequest } } },
      responses: {
        "200": {
          description: "A vector for each input.",
          headers: answerHeaders,
          content: { "application/json": { schema: Embeddings } },
        },
        ...dataPlaneErrors,
      },
    },
  },
  "/v1/me": {
    get: {
      operationId: "getStanding",
      summary: "Get who the calling key is, and what it may still spend",
      tags,
      security,
      responses: {
        "200": {
          description: "The standing of the calling key or app.",
          headers: responseHeaders.extend(rateHeaders),
          content: { "application/json": { schema: Standing } },
        },
        ...dataPlaneErrors,
      },
    },
  },
  "/v1/models": {
    get: {
      operationId: "listServedModels",
      summary: "List the models that the caller may use",
      tags,
      security,
      responses: {
        "200": {
          description: "The models.",
          headers: responseHeaders.extend(rateHeaders),
          content: {
            "application/json": { schema: z.object({ object: z.literal("list"), data: z.array(Model) }) },
          },
        },
        ...dataPlaneErrors,
      },
    },
  },
  "/v1/models/{id}": {
    get: {
      operationId: "getServedModel",
      summary: "Get a model that the caller may use",
      tags,
      security,
      requestParams: { path: z.object({ id: z.string() }) },
      responses: {
        "200": {
          description: "The model.",
          headers: responseHeaders.extend(rateHeaders),
          content: { "application/json": { schema: Model } },
        },
        ...dataPlaneErrors,
      },
    },
  },
};
