import { z } from "zod";
import { errorResponse, errorResponses, responseHeaders } from "./error-document";

export const tags = ["Data plane"];
export const security: Record<string, string[]>[] = [
  { apiKey: [] },
  { xApiKey: [] },
  { appSecret: [], appId: [] },
];

/** What names a request in the ledger, besides its caller. */
export const labels = {
  header: z.object({
    "x-tollgate-tags": z
      .string()
      .optional()
      .describe(
        "Up to ten tags, separated by commas, of at most 100 characters each; added to the key's own.",
      ),
    "x-tollgate-session-id": z
      .string()
      .optional()
      .describe("At most 128 printable ASCII characters without spaces; anything else is ignored."),
  }),
};

/** Present if a limit applies, also on errors: the tightest window of each kind. */
export const rateHeaders = Object.fromEntries(
  ["requests", "tokens"].flatMap((unit) => [
    [`x-ratelimit-limit-${unit}`, z.string().optional()],
    [`x-ratelimit-remaining-${unit}`, z.string().optional()],
    [`x-ratelimit-reset-${unit}`, z.string().optional().describe("A duration, like `6m0s`.")],
  ]),
);

/** On the answers of models. */
export const answerHeaders = responseHeaders.extend({
  "x-tollgate-provider": z.string(),
  "x-tollgate-model": z.string(),
  "x-tollgate-dropped": z
    .string()
    .optional()
    .describe(
      "What was offered and not passed on, as paths separated by commas: `tools[1]`. Other than printable ASCII is escaped, and of many the first are named: `and 400 more`.",
    ),
  "x-tollgate-max-searches": z
    .string()
    .optional()
    .describe("The bound on searches by the provider, if Tollgate set one lower than the client's."),
  "x-tollgate-cost-usd": z.string().optional().describe("Not on streams."),
  ...rateHeaders,
});

export const dataPlaneErrors = {
  ...errorResponses,
  "4XX": errorResponse(
    "RejectedByDataPlane",
    "Rejected before the hold, or by the provider; `error.code` says why. A 429 has `retry-after`, or `x-should-retry: false` if a retry cannot succeed.",
    {
      ...rateHeaders,
      "retry-after": z.string().optional().describe("Seconds."),
      "x-should-retry": z.string().optional().describe("`false` if a retry cannot succeed."),
    },
  ),
};

/** The answers of an endpoint that streams if it is asked to. */
export const wholeOrStreamed = (description: string, schema: z.ZodType, errors = dataPlaneErrors) => ({
  "200": {
    description: `${description}, or server-sent events with \`stream\`.`,
    headers: answerHeaders,
    content: { "application/json": { schema }, "text/event-stream": { schema: z.string() } },
  },
  ...errors,
});
