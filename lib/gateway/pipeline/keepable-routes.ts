import type { Call } from "#lib/dialects/call";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import type { Demand } from "#lib/translation/turn";

/**
 * The model with one route to each target: the first that can keep what a request demands, which a translated one may
 * not. Targets without such a route are left out, unless the model drops what is not supported.
 * @throws ApiError unsupported_parameter if none can
 */
export function withKeepableRoutes(model: Model, call: Call): Model {
  const { routes, dropsUnsupported } = model;
  if (routes.every(({ translation }) => translation === null)) return model;
  const [only] = routes;
  if (routes.length === 1 && only !== undefined && refusedBy(only, call).length === 0) return model;
  const targets = [...new Set(routes.map(({ target }) => target))];
  const kept = targets.flatMap((target) => {
    const ways = routes.filter((route) => route.target === target);
    const keeping = ways.find((way) => refusedBy(way, call).length === 0);
    return keeping ?? (dropsUnsupported ? ways.slice(0, 1) : []);
  });
  if (kept.length > 0) return { ...model, routes: kept };
  const [demand] = routes.flatMap((route) => refusedBy(route, call));
  if (demand === undefined) return model;
  const message = `'${demand.at}' cannot be kept by this model's provider: ${demand.why}. Remove it, or choose another model.`;
  throw new ApiError("unsupported_parameter", message, { param: demand.at });
}

const refusedBy = ({ translation }: Route, call: Call): readonly Demand[] =>
  translation?.plan(call).refused ?? [];
