import "server-only";
import type { Caller } from "#lib/auth/caller";
import { ApiError } from "#lib/http/api-error";
import type { Model, Routing } from "./routing";

/**
 * Finds the model that a caller names, by name or alias.
 * @throws ApiError model_not_found, model_not_allowed, or service_unavailable where no provider serves it
 */
export function resolveModel(routing: Routing, caller: Pick<Caller, "allowedModels">, name: string): Model {
  const model = routing.byName.get(name);
  if (!model) {
    throw new ApiError(
      "model_not_found",
      `The model '${name.slice(0, 100)}' does not exist here. GET /v1/models lists those that do.`,
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
export function allowedModels(routing: Routing, caller: Pick<Caller, "allowedModels">): Model[] {
  return routing.models.filter((model) => isAllowed(caller, model));
}

function isAllowed(caller: Pick<Caller, "allowedModels">, model: Model): boolean {
  return caller.allowedModels === null || caller.allowedModels.includes(model.name);
}
