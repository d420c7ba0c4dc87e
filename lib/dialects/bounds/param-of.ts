import { ApiError } from "#lib/http/api-error";

/** A field's path as `param` names it: `options.num_predict`. */
export const paramOf = (path: readonly string[]): string =>
  path
    .map((name) => name.slice(0, 100))
    .join(".")
    .slice(0, 200);

/** The rejection of what Tollgate does not support there. */
export function unsupportedAt(path: readonly string[], why: string): ApiError {
  const param = paramOf(path);
  return new ApiError("unsupported_parameter", `${param} is not supported: ${why}`, { param });
}
