import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import { labels, rateHeaders, security, tags, wholeOrStreamed } from "./data-plane-answers";
import { errorResponse, responseHeaders } from "./error-document";

const MessagesRequest = z
  .looseObject({
    model: z.string().describe("A model's name or alias."),
    max_tokens: z.int().describe("Lowered, with a budget for thinking, to what a hard budget has left."),
    messages: z.array(z.looseObject({ role: z.enum(["user", "assistant", "system"]) })).min(1),
    system: z.union([z.string(), z.array(z.looseObject({}))]).optional(),
    stream: z.boolean().optional(),
  })
  .meta({
    id: "MessagesRequest",
    description:
      "As Anthropic's. What is kept or run at the provider is rejected: stored files, containers, MCP servers, compaction.",
  });

const Message = z
  .looseObject({
    id: z.string(),
    type: z.literal("message"),
    model: z.string(),
    content: z.array(z.looseObject({ type: z.string() })),
  })
  .meta({ id: "Message", description: "The provider's message in Anthropic's form." });

const AnthropicError = z
  .object({
    type: z.literal("error"),
    error: z.object({
      type: z.string().meta({ examples: ["invalid_request_error"] }),
      message: z.string().describe("Says what is wrong and what to do."),
    }),
    request_id: z.string(),
  })
  .meta({ id: "AnthropicError" });

const errorHeaders = {
  ...rateHeaders,
  "x-tollgate-code": z
    .string()
    .optional()
    .describe("Why Tollgate has rejected it, as other endpoints say in `error.code`."),
  "retry-after": z.string().optional().describe("Seconds."),
  "x-should-retry": z.string().optional().describe("`false` if a retry cannot succeed."),
};

const messagesErrors = {
  "4XX": errorResponse(
    "MessageRejected",
    "Rejected before the hold, or by the provider, in Anthropic's form. A spent budget is a `billing_error`; an input that is too long says `prompt is too long: N tokens > M maximum`.",
    errorHeaders,
    AnthropicError,
  ),
  "5XX": errorResponse("MessageFailed", "Tollgate or every provider failed.", errorHeaders, AnthropicError),
};

/** Headers that go on to Anthropic. */
const requestHeaders = {
  header: labels.header.extend({
    "anthropic-version": z.iso.date().optional().describe("Default: 2023-06-01."),
    "anthropic-beta": z
      .string()
      .optional()
      .describe(
        "Separated by commas. Betas that bill, keep or run something elsewhere are left out and named.",
      ),
  }),
};

const MessageTokensCount = z.looseObject({ input_tokens: z.int() }).meta({ id: "MessageTokensCount" });

/** Anthropic's endpoints. */
export const messagesPaths: ZodOpenApiPathsObject = {
  "/v1/messages": {
    post: {
      operationId: "createMessage",
      summary: "Create a message",
      description:
        "Anthropic's endpoint, also at `/messages` and `/llm/v1/messages`, for models of providers that speak it. A provider's own tools are left out if the model may use others, and rejected if it must use them; its search passes for models whose price has `web_search_per_call`.",
      tags,
      security,
      requestParams: requestHeaders,
      requestBody: { required: true, content: { "application/json": { schema: MessagesRequest } } },
      responses: wholeOrStreamed("The message", Message, messagesErrors),
    },
  },
  "/v1/messages/count_tokens": {
    post: {
      operationId: "countMessageTokens",
      summary: "Count the input tokens of a message",
      description:
        "By the provider if it speaks Anthropic's dialect, else by Tollgate. It is free: no hold, no row in the ledger, no rate window.",
      tags,
      security,
      requestParams: requestHeaders,
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: MessagesRequest.partial({ max_tokens: true }).meta({ id: "CountTokensRequest" }),
          },
        },
      },
      responses: {
        "200": {
          description: "The count.",
          headers: responseHeaders,
          content: { "application/json": { schema: MessageTokensCount } },
        },
        ...messagesErrors,
      },
    },
  },
};
