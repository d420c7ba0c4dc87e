import type { Caller } from "#lib/auth/caller";
import { type GatewayAnswer, type GatewayRequest, jsonAnswer } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { allowedModels, resolveModel } from "#lib/gateway/routing/resolve-model";
import type { Model, Routing } from "#lib/gateway/routing/routing";
import type { Arrival } from "./admit";
import { authenticate, readCredentials } from "./authenticate";
import { tellRateLimits } from "./rate-limit";

/** Who asks, for the count of refusals, and what the answer says beside its own headers. */
type Told = Pick<Arrival, "asker" | "headers">;

/** `GET /v1/models`: the models that the caller may use. No hold re-checks this caller, so it is read. */
export async function listModels(
  gateway: Gateway,
  request: GatewayRequest,
  told: Told,
): Promise<GatewayAnswer> {
  const { caller, routing } = await readFresh(gateway, request, told);
  return jsonAnswer({ object: "list", data: allowedModels(routing, caller).map(toModelObject) });
}

/**
 * `GET /v1/models/{id}`, by name or alias.
 * @throws ApiError model_not_found, model_not_allowed
 */
export async function retrieveModel(
  gateway: Gateway,
  request: GatewayRequest,
  told: Told,
  name: string,
): Promise<GatewayAnswer> {
  told.asker.model = name;
  const { caller, routing } = await readFresh(gateway, request, told);
  return jsonAnswer(toModelObject(resolveModel(routing, caller, name)));
}

async function readFresh(
  gateway: Gateway,
  request: GatewayRequest,
  { asker, headers }: Told,
): Promise<{ caller: Caller; routing: Routing }> {
  const presented = { credentials: readCredentials(request), origin: request, asker };
  const caller = await authenticate(gateway, presented, { fresh: true });
  await tellRateLimits(gateway, headers, caller);
  return { caller, routing: await gateway.routing({ fresh: true }) };
}

function toModelObject(model: Model) {
  return {
    id: model.name,
    object: "model",
    created: Math.floor(model.createdAt.getTime() / 1000),
    owned_by: model.routes[0]?.target.providerName ?? "tollgate",
    context_window: model.contextWindow,
    max_output_tokens: model.maxOutputTokens,
  };
}
