import { z } from "zod";
import { ApiError } from "#lib/http/api-error";
import { isStorable } from "#lib/http/reject-unstorable";
import { isExternalUser, isUserParameter } from "./external-users";
import type { Operation } from "./operation";

export const ADMIN_API_PATH = "/api/admin/v1";

export type Found = { operation: Operation; pathParameters: Readonly<Record<string, string>> };

/**
 * Finds the operation of a request by method and path.
 * @throws ApiError not_found for an unknown path, or an id that is not one of the operation's; method_not_allowed for
 * another method of a known path
 */
export function findOperation(operations: readonly Operation[], method: string, path: string): Found {
  const segments = path.startsWith(ADMIN_API_PATH) ? path.slice(ADMIN_API_PATH.length).split("/") : [];
  // A literal segment takes precedence: "/users/sync-expiry" is not a user's id.
  const template = operations
    .map((operation) => operation.path)
    .filter((path) => matches(path, segments))
    .sort((a, b) => parametersOf(a).length - parametersOf(b).length)[0];
  if (template === undefined) {
    throw new ApiError("not_found", "Unknown path. See /docs for all operations.");
  }
  const candidates = operations.filter((operation) => operation.path === template);
  const wanted = method === "HEAD" ? "GET" : method;
  const operation = candidates.find((operation) => operation.method === wanted);
  if (operation === undefined) {
    const allow = candidates.map((operation) => operation.method).join(", ");
    throw new ApiError("method_not_allowed", `Method not allowed: use ${allow}.`, { headers: { allow } });
  }
  return { operation, pathParameters: readParameters(operation, segments) };
}

/** The parameters of a path in order: `["id"]` for `/users/{id}`. */
export const parametersOf = (template: string): string[] =>
  template.split("/").flatMap((part) => parameterName(part) ?? []);

const parameterName = (part: string): string | undefined => /^\{(\w+)\}$/.exec(part)?.[1];

function matches(template: string, segments: readonly string[]): boolean {
  const parts = template.split("/");
  return (
    parts.length === segments.length &&
    parts.every((part, at) => part === segments[at] || parameterName(part) !== undefined)
  );
}

function readParameters({ path, input }: Operation, segments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [at, part] of path.split("/").entries()) {
    const name = parameterName(part);
    if (name === undefined) continue;
    const text = decoded(segments[at] ?? "");
    if (isUserParameter({ path }, name) && isExternalUser(text)) {
      values[name] = text;
      continue;
    }
    const field = (input instanceof z.ZodObject ? input.shape[name] : undefined) ?? z.uuid();
    const given = z.string().pipe(field).safeParse(text);
    if (!given.success) throw new ApiError("not_found", `Not found: \`${name}\` must be a UUID.`);
    values[name] = String(given.data);
  }
  return values;
}

/** Undefined for what is no encoding, and for characters that no name has. */
function decoded(segment: string): string | undefined {
  try {
    const text = decodeURIComponent(segment);
    return isStorable(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
