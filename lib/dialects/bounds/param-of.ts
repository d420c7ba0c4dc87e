import { ApiError } from "#lib/http/api-error";
import { sharedState } from "./unsupported-fields";

/** A field's path as `param` names it: `options.num_predict`. */
export const paramOf = (path: readonly string[]): string =>
  path
    .map((name) => name.slice(0, 100))
    .join(".")
    .slice(0, 200);

/**
 * The rejection of what Tollgate does not support. A model may drop it instead, unless it is state at the provider:
 * without that, a request means something else.
 * @param why ends the sentence
 */
export const unsupported = (param: string, why: string): ApiError =>
  new ApiError("unsupported_parameter", `${param} is not supported: ${why}`, {
    param,
    isDroppable: why !== sharedState,
  });

/** The same by a field's path. */
export const unsupportedAt = (path: readonly string[], why: string): ApiError =>
  unsupported(paramOf(path), why);
