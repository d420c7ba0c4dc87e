import type { Call } from "#lib/dialects/call";
import { RUN_BY_NAME } from "#lib/dialects/conversation/unsupported";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import { isMakers } from "./makers";

/**
 * Where a call has a tool that one of the model's servers may run by its name: searches at a fee, and up to three further
 * answers of the model, that nothing holds for. Makers leave it to the client, and a translation writes it anew.
 * @returns null if there is none
 */
export function proxyToolParam(
  { runByProxy }: Pick<Call, "runByProxy">,
  { routes }: Pick<Model, "routes">,
): string | null {
  if (runByProxy === null) return null;
  return routes.some(({ target, translation }) => translation === null && !isMakers(target.baseUrl))
    ? runByProxy
    : null;
}

/** The rejection under a hard budget. */
export const proxyTool = (param: string): ApiError =>
  new ApiError("unsupported_parameter", `A hard budget does not cover '${param}': ${RUN_BY_NAME}`, { param });
