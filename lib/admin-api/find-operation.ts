import { z } from "zod";
import { ApiError } from "#lib/http/api-error";
import type { Operation } from "./operation";

export const ADMIN_API_PATH = "/api/admin/v1";

export type Found = { operation: Operation; pathParameters: Readonly<Record<string, string>> };

/**
 * Finds what a request is about.
 * @throws ApiError not_found for a path that is none, also for an id in it that cannot be any;
 * method_not_allowed for another method on a path
 */
export function findOperation(operations: readonly Operation[], method: string, path: string): Found {
  const segments = path.startsWith(ADMIN_API_PATH) ? path.slice(ADMIN_API_PATH.length).split("/") : [];
  // "/users/sync-expiry" is not the user of that id: what is written out goes before what stands for anything.
  const template = operations
    .map((operation) => operation.path)
    .filter((path) => fits(path, segments))
    .sort((a, b) => parametersOf(a).length - parametersOf(b).length)[0];
  if (template === undefined) {
    throw new ApiError("not_found", "There is nothing at this address; /docs lists what there is.");
  }
  const here = operations.filter((operation) => operation.path === template);
  const wanted = method === "HEAD" ? "GET" : method;
  const operation = here.find((operation) => operation.method === wanted);
  if (operation === undefined) {
    const allow = here.map((operation) => operation.method).join(", ");
    throw new ApiError("method_not_allowed", `This address takes ${allow}.`, { headers: { allow } });
  }
  return { operation, pathParameters: readParameters(template, segments) };
}

/** The names in a path, in their order: `["id"]` for `/users/{id}`. */
export const parametersOf = (template: string): string[] =>
  template.split("/").flatMap((part) => parameterName(part) ?? []);

const parameterName = (part: string): string | undefined => /^\{(\w+)\}$/.exec(part)?.[1];

function fits(template: string, segments: readonly string[]): boolean {
  const parts = template.split("/");
  return (
    parts.length === segments.length &&
    parts.every((part, at) => part === segments[at] || parameterName(part) !== undefined)
  );
}

function readParameters(template: string, segments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [at, part] of template.split("/").entries()) {
    const name = parameterName(part);
    if (name === undefined) continue;
    const given = z.uuid().safeParse(segments[at]);
    if (!given.success) throw new ApiError("not_found", "There is no such thing: this is nothing's id.");
    values[name] = given.data;
  }
  return values;
}
