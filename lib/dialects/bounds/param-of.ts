import { ApiError } from "#lib/http/api-error";
import { sharedState } from "./unsupported-fields";

const MOST_NAME_CHARACTERS = 100;
const MOST_CHARACTERS = 200;

/** A field's path as `param` names it: `options.num_predict`. Of a long path, the beginning. */
export function paramOf(path: readonly string[]): string {
  let param = "";
  for (const [at, name] of path.entries()) {
    if (param.length >= MOST_CHARACTERS) break;
    param += at === 0 ? name.slice(0, MOST_NAME_CHARACTERS) : `.${name.slice(0, MOST_NAME_CHARACTERS)}`;
  }
  return param.slice(0, MOST_CHARACTERS);
}

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
