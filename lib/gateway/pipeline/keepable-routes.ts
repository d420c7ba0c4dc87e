import type { Call } from "#lib/dialects/call";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";

/**
 * The model with the routes that can keep what a request demands: a translated one may not. A model that drops what is
 * not supported keeps them all.
 * @throws ApiError unsupported_parameter if none can
 */
export function withKeepableRoutes(model: Model, call: Call): Model {
  const { routes, dropsUnsupported } = model;
  if (dropsUnsupported || routes.every(({ translation }) => translation === null)) return model;
  const kept = routes.filter(({ translation }) => (translation?.plan(call).refused.length ?? 0) === 0);
  if (kept.length === routes.length) return model;
  if (kept.length > 0) return { ...model, routes: kept };
  const [demand] = routes.flatMap(({ translation }) => translation?.plan(call).refused ?? []);
  if (demand === undefined) return model;
  const message = `'${demand.at}' cannot be kept by this model's provider: ${demand.why}. Remove it, or choose another model.`;
  throw new ApiError("unsupported_parameter", message, { param: demand.at });
}
