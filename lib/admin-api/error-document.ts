import { z } from "zod";
import type { ZodOpenApiResponseObject } from "zod-openapi";

/** What every answer carries (contract). */
export const answerHeaders = z.object({
  "x-request-id": z.string().describe("Names the request in the log."),
});

/** The body of every refusal, on both planes. */
const ApiError = z
  .object({
    error: z.object({
      message: z.string().describe("Says what to do."),
      type: z.string().meta({ examples: ["invalid_request_error"] }),
      param: z.string().nullable().describe("The field that is wrong, where it is one."),
      code: z
        .string()
        .nullable()
        .meta({ examples: ["invalid_request"] }),
    }),
  })
  .meta({ id: "Error" });

/** An answer with an error's body. @param headers what it carries beside those of every answer */
export const refusal = (
  id: string,
  description: string,
  headers: z.ZodRawShape = {},
): ZodOpenApiResponseObject => ({
  id,
  description,
  headers: answerHeaders.extend(headers),
  content: { "application/json": { schema: ApiError } },
});

/** The refusals of every operation, told apart by `error.code`. */
export const refusals = {
  "4XX": refusal("Refused", "The request is wrong, is not allowed, or clashes with what is there."),
  "5XX": refusal("Failed", "Tollgate or its database failed: try again after `retry-after`."),
};
