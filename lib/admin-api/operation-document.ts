import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiParameters } from "zod-openapi";
import { errorResponses, responseHeaders } from "./error-document";
import { parametersOf } from "./find-operation";
import type { Operation } from "./operation";

const IdempotencyKey = z
  .string()
  .max(255)
  .optional()
  .describe(
    "Any text, a new one for each request. A repetition with the same key within 24 hours does nothing and gets the same response (`idempotent-replayed: true`).",
  );

/** Describes an operation in OpenAPI, from the schemas that parse its requests. */
export function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const { method, summary, description, tag, status, output } = operation;
  const { pathParameters, rest } = splitInput(operation);
  // zod-openapi does not accept undefined values.
  const requestParams: ZodOpenApiParameters = {
    ...(pathParameters && { path: pathParameters }),
    ...(method === "GET" && rest instanceof z.ZodObject && { query: rest }),
    ...(operation.idempotent && { header: z.object({ "Idempotency-Key": IdempotencyKey }) }),
  };
  const body = method === "GET" ? undefined : requestBody(rest);
  return {
    operationId: operationId(summary),
    summary,
    ...(description && { description }),
    tags: [tag],
    ...(operation.deprecated && { deprecated: true }),
    requestParams,
    ...(body && { requestBody: body }),
    responses: {
      [`${status}` as const]: {
        description: status === 204 ? "Done." : summary,
        headers: responseHeaders,
        ...(output && { content: contentOf(output, operation.otherMediaTypes) }),
      },
      ...errorResponses,
    },
  };
}

const contentOf = (output: z.ZodType, otherMediaTypes: readonly string[] = []) => ({
  "application/json": { schema: output },
  ...Object.fromEntries(otherMediaTypes.map((type) => [type, { schema: z.string() }])),
});

/** Splits the input's schema into the path parameters and the rest, as a request does. */
function splitInput({ input, path }: Operation): { pathParameters?: z.ZodObject; rest: z.ZodType } {
  const names = new Set(parametersOf(path));
  if (!(input instanceof z.ZodObject) || names.size === 0) return { rest: input };
  const shape: z.ZodRawShape = input.shape;
  const fields = (wanted: boolean) =>
    Object.fromEntries(Object.entries(shape).filter(([name]) => names.has(name) === wanted));
  return { pathParameters: z.object(fields(true)), rest: z.strictObject(fields(false)) };
}

/** Undefined if there are no fields to send; required if an empty object is invalid. */
function requestBody(schema: z.ZodType): ZodOpenApiOperationObject["requestBody"] {
  if (schema instanceof z.ZodObject && Object.keys(schema.shape).length === 0) return undefined;
  return {
    required: !schema.safeParse({}).success,
    content: { "application/json": { schema } },
  };
}

/** "Create an API key" becomes `createApiKey`, the name in generated clients. */
function operationId(summary: string): string {
  const words = summary.match(/[A-Za-z]+/g)?.filter((word) => !/^(an?|the)$/i.test(word)) ?? [];
  return words
    .map((word, at) => {
      const small = word.toLowerCase();
      return at === 0 ? small : small.charAt(0).toUpperCase() + small.slice(1);
    })
    .join("");
}
