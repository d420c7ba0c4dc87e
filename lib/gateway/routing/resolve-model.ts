import type { Caller } from "#lib/auth/caller";
import { DIALECTS } from "#lib/dialects/registry";
import { ApiError, unlessRejected } from "#lib/http/api-error";
import { isStorable } from "#lib/http/reject-unstorable";
import { unlistedMeanings } from "./name-models";
import { type Model, type Routing, type ServedModel, type ServingProvider, unlistedName } from "./routing";
import { whyNotFound } from "./why-not-found";

type Bounds = Pick<Caller, "allowedModels" | "providerId">;

/**
 * Finds the model that a caller names, by name or alias, with the routes that the caller may take. One that was not
 * created must have been loaded (name-models.ts).
 * @throws ApiError model_not_found, model_not_allowed, or service_unavailable if no provider serves it
 */
export function findModel(routing: Routing, caller: Bounds, name: string): ServedModel {
  const named = routing.byName.get(name);
  const model = (named && withinProvider(caller, named)) ?? unlistedModel(routing, caller, name);
  if (!model) throw notFound(whyNotFound(routing, caller, name));
  if (!isAllowed(caller, model)) {
    throw new ApiError("model_not_allowed", `Your key may not use the model '${model.all.name}'.`, {
      param: "model",
    });
  }
  if (model.all.routes.length === 0) {
    throw new ApiError("service_unavailable", `No enabled provider serves the model '${model.all.name}'.`, {
      headers: { "retry-after": "60" },
    });
  }
  return model;
}

function unlistedModel(routing: Routing, caller: Bounds, name: string): ServedModel | null {
  for (const { provider, upstreamModel } of unlistedMeanings(routing, caller, name)) {
    const found = routing.unlisted.get({ providerId: provider.id, upstreamModel });
    if (found) return found;
  }
  return null;
}

/**
 * The same for a name in a body.
 * @throws ApiError as findModel, and invalid_request for a name that no model can have
 */
export function findNamedModel(routing: Routing, caller: Bounds, name: string): ServedModel {
  if (!isStorable(name)) {
    const message = "`model` may not contain U+0000 or unpaired surrogates.";
    throw new ApiError("invalid_request", message, { param: "model" });
  }
  return findModel(routing, caller, name);
}

/**
 * The same with the routes for one dialect.
 * @throws ApiError as findNamedModel, and model_not_found if no target of the model speaks it
 */
export function resolveModel(routing: Routing, caller: Bounds, name: string, dialect: string): Model {
  const model = findNamedModel(routing, caller, name);
  const inDialect = model.byDialect.get(dialect);
  if (inDialect === undefined) {
    const endpoints = DIALECTS.filter(({ name }) => model.byDialect.has(name)).map(
      ({ endpoint }) => `/v1/${endpoint}`,
    );
    throw notFound(
      `The model '${model.all.name}' is not served at this endpoint. It is served at ${endpoints.join(", ")}.`,
    );
  }
  return inDialect;
}

/** The same; null for a request that would be rejected. */
export const resolvedModel = (
  routing: Routing,
  caller: Bounds,
  name: string,
  dialect: string,
): Model | null => unlessRejected(() => resolveModel(routing, caller, name, dialect));

/** The models that a caller may use and that were created, by name. */
export function allowedModels(routing: Routing, caller: Bounds): Model[] {
  return routing.models.flatMap((model) => {
    const within = isAllowed(caller, model) ? withinProvider(caller, model) : null;
    return within ? [within.all] : [];
  });
}

const notFound = (message: string) => new ApiError("model_not_found", message, { param: "model" });

/** Whether each list has the model, by its name or by an alias. */
function isAllowed(caller: Bounds, { all }: ServedModel): boolean {
  const { allowedModels: lists } = caller;
  if (lists === null) return true;
  const [route] = all.routes;
  if (all.isUnlisted && route !== undefined)
    return mayUse(caller, { name: all.name, upstreamModel: route.target.upstreamModel });
  return lists.every((list) => list.includes(all.name) || all.aliases.some((alias) => list.includes(alias)));
}

/** The same for a model that was not created. A key that is bound to its provider may have it in its lists without that. */
const mayUse = (
  { allowedModels: lists, providerId }: Bounds,
  { name, upstreamModel }: { name: string; upstreamModel: string },
): boolean =>
  lists === null ||
  lists.every((list) => list.includes(name) || (providerId !== null && list.includes(upstreamModel)));

/**
 * What a caller can call a provider's model that was not created: `provider/model`, or, with a key that is bound to the
 * provider, the model's own name, and both if the provider lists its models. Empty if the caller may not use it.
 */
export function unlistedNames(
  routing: Routing,
  caller: Bounds,
  provider: ServingProvider,
  upstreamModel: string,
): string[] {
  const full = unlistedName(provider, upstreamModel);
  if (!mayUse(caller, { name: full, upstreamModel })) return [];
  if (caller.providerId === null)
    return routing.disabledNames.has(full) || routing.byName.has(full) ? [] : [full];
  const names = [upstreamModel, full].filter((name) =>
    unlistedMeanings(routing, caller, name).some((meaning) => meaning.upstreamModel === upstreamModel),
  );
  return provider.listsModels ? names : names.slice(0, 1);
}

/** For a key that is bound to a provider, the model with that provider's routes; null without any. */
function withinProvider({ providerId }: Bounds, model: ServedModel): ServedModel | null {
  if (providerId === null) return model;
  const all = boundTo(providerId, model.all);
  if (all.routes.length === 0) return null;
  const byDialect = new Map<string, Model>();
  for (const [dialect, served] of model.byDialect) {
    const bound = boundTo(providerId, served);
    if (bound.routes.length > 0) byDialect.set(dialect, bound);
  }
  return { all, byDialect };
}

function boundTo(providerId: string, model: Model): Model {
  return { ...model, routes: model.routes.filter(({ target }) => target.providerId === providerId) };
}
