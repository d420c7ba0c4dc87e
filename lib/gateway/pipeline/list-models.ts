import type { Caller } from "#lib/auth/caller";
import { type GatewayAnswer, type GatewayRequest, jsonAnswer } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerInfo, UNKNOWN_CALLER } from "#lib/gateway/rejections/caller-info";
import { rejected } from "#lib/gateway/rejections/rejected";
import { allowedModels, findModel } from "#lib/gateway/routing/resolve-model";
import type { Model, Routing } from "#lib/gateway/routing/routing";
import { authenticate, readCredentials } from "./authenticate";
import { rateStateHeaders } from "./rate-limit";

/**
 * `GET /v1/models`: the models that the caller may use. No hold checks this caller again, so it is read.
 * @throws Rejected
 */
export function listModels(gateway: Gateway, request: GatewayRequest): Promise<GatewayAnswer> {
  return answerFresh(gateway, request, null, (routing, caller) => ({
    object: "list",
    data: allowedModels(routing, caller).map(toModelObject),
  }));
}

/**
 * `GET /v1/models/{id}`, by name or alias.
 * @throws Rejected model_not_found, model_not_allowed
 */
export function retrieveModel(
  gateway: Gateway,
  request: GatewayRequest,
  name: string,
): Promise<GatewayAnswer> {
  return answerFresh(gateway, request, name, (routing, caller) =>
    toModelObject(findModel(routing, caller, name).all),
  );
}

async function answerFresh(
  gateway: Gateway,
  request: GatewayRequest,
  model: string | null,
  read: (routing: Routing, caller: Caller) => unknown,
): Promise<GatewayAnswer> {
  let known = { ...UNKNOWN_CALLER, model };
  let headers: Readonly<Record<string, string>> = {};
  try {
    const presented = { credentials: readCredentials(request), origin: request };
    const caller = await authenticate(gateway, presented, { fresh: true });
    known = callerInfo(caller, model);
    headers = await rateStateHeaders(gateway, caller);
    return jsonAnswer(read(await gateway.routing({ fresh: true }), caller), headers);
  } catch (error) {
    throw rejected(error, { callerInfo: known, headers });
  }
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
