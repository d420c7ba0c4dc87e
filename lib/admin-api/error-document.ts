import { z } from "zod";
import type { ZodOpenApiResponseObject } from "zod-openapi";

/** The headers of every response. */
export const responseHeaders = z.object({
  "x-request-id": z.string().describe("Identifies the request in the log."),
});

/** The body of every error, on both planes. */
const ApiError = z
  .object({
    error: z.object({
      message: z.string().describe("Says what is wrong and what to do."),
      type: z.string().meta({ examples: ["invalid_request_error"] }),
      param: z.string().nullable().describe("The field that is wrong, if it is a single one."),
      code: z
        .string()
        .nullable()
        .meta({ examples: ["invalid_request"] }),
    }),
  })
  .meta({ id: "Error" });

/**
 * A response with an error body.
 * @param headers besides those of every response
 * @param schema of the body, if it is another than on most endpoints
 */
export const errorResponse = (
  id: string,
  description: string,
  headers: z.ZodRawShape = {},
  schema: z.ZodType = ApiError,
): ZodOpenApiResponseObject => ({
  id,
  description,
  headers: responseHeaders.extend(headers),
  content: { "application/json": { schema } },
});

/** The errors of every operation; `error.code` tells them apart. */
export const errorResponses = {
  "4XX": errorResponse("Rejected", "The request is invalid, not allowed, or conflicts with existing data."),
  "5XX": errorResponse("Failed", "Tollgate or its database failed. Try again after `retry-after`."),
};
