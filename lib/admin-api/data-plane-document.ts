import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import { answerHeaders, refusal, refusals } from "./error-document";

const tags = ["Data plane"];
const security: Record<string, string[]>[] = [{ apiKey: [] }, { xApiKey: [] }, { appSecret: [], appId: [] }];

const ChatCompletionRequest = z
  .looseObject({
    model: z.string().describe("A model's name or alias."),
    messages: z.array(z.looseObject({ role: z.string() })).min(1),
    stream: z.boolean().optional(),
  })
  .meta({
    id: "ChatCompletionRequest",
    description: "As OpenAI's; unknown fields travel to the provider untouched.",
  });

const ChatCompletion = z
  .looseObject({ id: z.string(), object: z.string(), model: z.string(), choices: z.array(z.looseObject({})) })
  .meta({ id: "ChatCompletion", description: "As the provider answers it, in OpenAI's form." });

const Model = z
  .looseObject({ id: z.string(), object: z.literal("model"), created: z.int(), owned_by: z.string() })
  .meta({ id: "DataPlaneModel" });

/** Where a limit applies, on refusals too: the tightest window of each kind. */
const rateHeaders = Object.fromEntries(
  ["requests", "tokens"].flatMap((unit) => [
    [`x-ratelimit-limit-${unit}`, z.string().optional()],
    [`x-ratelimit-remaining-${unit}`, z.string().optional()],
    [`x-ratelimit-reset-${unit}`, z.string().optional().describe("A duration, like `6m0s`.")],
  ]),
);

const clientsRefusals = {
  ...refusals,
  "4XX": refusal(
    "RefusedByDataPlane",
    "Refused before anything was held, or by the provider; `error.code` says why. A 429 says with `retry-after` when to try again, or with `x-should-retry` that it is no use.",
    {
      ...rateHeaders,
      "retry-after": z.string().optional().describe("Seconds."),
      "x-should-retry": z.string().optional().describe("`false` where trying again is no use."),
    },
  ),
};

/** The data plane, briefly: its clients are the providers' own SDKs, whose documentation describes the rest. */
export const dataPlanePaths: ZodOpenApiPathsObject = {
  "/v1/chat/completions": {
    post: {
      operationId: "createChatCompletion",
      summary: "Answer a chat",
      description:
        "What OpenAI's SDK calls. Also at `/chat/completions` and `/llm/v1/chat/completions`. The cost is held before the request goes upstream, and settled before the last byte of the answer.",
      tags,
      security,
      requestBody: { required: true, content: { "application/json": { schema: ChatCompletionRequest } } },
      responses: {
        "200": {
          description: "The answer, whole or, with `stream`, as server-sent events.",
          headers: answerHeaders.extend({
            "x-tollgate-provider": z.string(),
            "x-tollgate-model": z.string(),
            "x-tollgate-cost-usd": z.string().optional().describe("Not on streams."),
            ...rateHeaders,
          }),
          content: {
            "application/json": { schema: ChatCompletion },
            "text/event-stream": { schema: z.string() },
          },
        },
        ...clientsRefusals,
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
          headers: answerHeaders.extend(rateHeaders),
          content: {
            "application/json": { schema: z.object({ object: z.literal("list"), data: z.array(Model) }) },
          },
        },
        ...clientsRefusals,
      },
    },
  },
  "/v1/models/{id}": {
    get: {
      operationId: "getServedModel",
      summary: "Read one of them",
      tags,
      security,
      requestParams: { path: z.object({ id: z.string() }) },
      responses: {
        "200": {
          description: "The model.",
          headers: answerHeaders.extend(rateHeaders),
          content: { "application/json": { schema: Model } },
        },
        ...clientsRefusals,
      },
    },
  },
};
