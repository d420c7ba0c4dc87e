import type { Caller } from "#lib/auth/caller";
import { ApiError } from "#lib/http/api-error";
import type { Model, Routing } from "./routing";

type Bounds = Pick<Caller, "allowedModels" | "providerId">;

/**
 * Finds the model that a caller names, by name or alias, with the routes that the caller may take.
 * @throws ApiError model_not_found, model_not_allowed, or service_unavailable where no provider serves it
 */
export function resolveModel(routing: Routing, caller: Bounds, name: string): Model {
  const named = routing.byName.get(name);
  if (!named) {
    throw new ApiError(
      "model_not_found",
      `The model '${name.slice(0, 100)}' does not exist here. GET /v1/models lists those that do.`,
      { param: "model" },
    );
  }
  const model = withinProvider(caller, named);
  if (!model) {
    throw new ApiError(
      "model_not_found",
      `Your key is bound to one provider, which does not serve the model '${named.name}'. GET /v1/models lists those that it serves.`,
      { param: "model" },
    );
  }
  if (!isAllowed(caller, model)) {
    throw new ApiError("model_not_allowed", `Your key may not use the model '${model.name}'.`, {
      param: "model",
    });
  }
  if (model.routes.length === 0) {
    throw new ApiError("service_unavailable", `No enabled provider serves the model '${model.name}'.`, {
      headers: { "retry-after": "60" },
    });
  }
  return model;
}

/** The models that a caller may use, by name. */
export function allowedModels(routing: Routing, caller: Bounds): Model[] {
  return routing.models.flatMap((model) => {
    const within = isAllowed(caller, model) ? withinProvider(caller, model) : null;
    return within ? [within] : [];
  });
}

function isAllowed({ allowedModels: allowed }: Bounds, model: Model): boolean {
  if (allowed === null || allowed.includes(model.name)) return true;
  return model.aliases.some((alias) => allowed.includes(alias));
}

/** For a key that is bound to a provider, the model with that provider's routes; null without any. */
function withinProvider({ providerId }: Bounds, model: Model): Model | null {
  if (providerId === null) return model;
  const routes = model.routes.filter((route) => route.target.providerId === providerId);
  return routes.length === 0 ? null : { ...model, routes };
}
