import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiParameters } from "zod-openapi";
import { errorResponses, responseHeaders } from "./error-document";
import { ExternalUser, isUserParameter, OrganizationOfUser } from "./external-users";
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
    ...queryOf(operation, rest),
    ...(operation.idempotent && { header: z.object({ "Idempotency-Key": IdempotencyKey }) }),
  };
  const body = method === "GET" ? undefined : requestBody(rest, operation);
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

/** The query: all fields of a GET, and which organization's user an external id in the path means. */
function queryOf(operation: Operation, rest: z.ZodType): Pick<ZodOpenApiParameters, "query"> {
  const fields = rest instanceof z.ZodObject ? queryFieldsOf(operation, rest) : null;
  if (!isUserParameter(operation, "id")) return fields === null ? {} : { query: fields };
  return { query: fields === null ? OrganizationOfUser : fields.extend(OrganizationOfUser.shape) };
}

function queryFieldsOf({ method, queryFields }: Operation, fields: z.ZodObject): z.ZodObject | null {
  if (method === "GET") return fields;
  if (queryFields === undefined) return null;
  return z.object(
    Object.fromEntries(Object.entries(fields.shape).filter(([name]) => queryFields.includes(name))),
  );
}

/** Users may be named by external ids. */
function documented(operation: Operation, name: string, field: z.ZodType): z.ZodType {
  const isUser =
    name === "user_id" ? parametersOf(operation.path).length === 0 : isUserParameter(operation, name);
  return isUser ? z.union([field, ExternalUser]) : field;
}

/** Splits the input's schema into the path parameters and the rest, as a request does. */
function splitInput(operation: Operation): { pathParameters?: z.ZodObject; rest: z.ZodType } {
  const { input, path } = operation;
  const names = new Set(parametersOf(path));
  if (!(input instanceof z.ZodObject)) return { rest: input };
  const shape: Record<string, z.ZodType> = input.shape;
  if (names.size === 0 && shape.user_id === undefined) return { rest: input };
  const fields = (wanted: boolean) =>
    Object.fromEntries(
      Object.entries(shape)
        .filter(([name]) => names.has(name) === wanted)
        .map(([name, field]) => [name, documented(operation, name, field)]),
    );
  if (names.size === 0) return { rest: z.strictObject(fields(false)) };
  return { pathParameters: z.object(fields(true)), rest: z.strictObject(fields(false)) };
}

/** Undefined if there are no fields to send; required if an empty object is invalid. */
function requestBody(
  schema: z.ZodType,
  { csvBody }: Pick<Operation, "csvBody">,
): ZodOpenApiOperationObject["requestBody"] {
  if (schema instanceof z.ZodObject && Object.keys(schema.shape).length === 0) return undefined;
  return {
    required: !schema.safeParse({}).success,
    content: {
      "application/json": { schema },
      ...(csvBody && { "text/csv": { schema: z.string() } }),
    },
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
