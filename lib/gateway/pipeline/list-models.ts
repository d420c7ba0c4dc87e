import type { Caller } from "#lib/auth/caller";
import { type GatewayAnswer, type GatewayRequest, jsonAnswer } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerInfo, UNKNOWN_CALLER } from "#lib/gateway/rejections/caller-info";
import { rejected } from "#lib/gateway/rejections/rejected";
import { routingFor } from "#lib/gateway/routing/name-models";
import { allowedModels, findModel, unlistedNames } from "#lib/gateway/routing/resolve-model";
import type { Model, Routing } from "#lib/gateway/routing/routing";
import { authenticate, readCredentials } from "./authenticate";
import { rateStateHeaders } from "./rate-limit";
import type { Trace } from "./trace";

/**
 * `GET /v1/models`: the models that the caller may use. No hold checks this caller again, so it is read.
 * @throws Rejected
 */
export function listModels(gateway: Gateway, request: GatewayRequest, trace: Trace): Promise<GatewayAnswer> {
  return answerFresh(gateway, request, { model: null, trace }, async (caller) => {
    const routing = await gateway.routing({ fresh: true });
    const offered = await allowedOffers(gateway, routing, caller);
    return { object: "list", data: [...allowedModels(routing, caller).map(toModelObject), ...offered] };
  });
}

/**
 * `GET /v1/models/{id}`, by name or alias.
 * @throws Rejected model_not_found, model_not_allowed
 */
export function retrieveModel(
  gateway: Gateway,
  request: GatewayRequest,
  name: string,
  trace: Trace,
): Promise<GatewayAnswer> {
  return answerFresh(gateway, request, { model: name, trace }, async (caller) => {
    const routing = await routingFor(gateway, caller, name, { fresh: true });
    const { all } = findModel(routing, caller, name);
    return toModelObject(all.isUnlisted ? { ...all, name } : all);
  });
}

async function answerFresh(
  gateway: Gateway,
  request: GatewayRequest,
  { model, trace }: { model: string | null; trace: Trace },
  read: (caller: Caller) => Promise<unknown>,
): Promise<GatewayAnswer> {
  let known = { ...UNKNOWN_CALLER, model };
  let headers: Readonly<Record<string, string>> = {};
  try {
    const presented = { credentials: readCredentials(request), origin: request };
    const caller = await authenticate(gateway, presented, { fresh: true });
    known = callerInfo(caller, model);
    trace.callerInfo = known;
    headers = await rateStateHeaders(gateway, caller);
    return jsonAnswer(await read(caller), headers);
  } catch (error) {
    throw rejected(error, { callerInfo: known, headers });
  }
}

/** The models of providers that the caller may use and that were not created, as their providers list them. */
async function allowedOffers(gateway: Gateway, routing: Routing, caller: Caller) {
  const providers = routing.providers.filter(({ id, listsModels }) =>
    caller.providerId === null ? listsModels : id === caller.providerId,
  );
  const objects = await Promise.all(
    providers.map(async (provider) => {
      const models = await gateway.offeredModels(routing, provider);
      return models.flatMap((model) =>
        unlistedNames(routing, caller, provider, model.upstreamModel).map((name) =>
          modelObject({ ...model, name }, provider.createdAt, provider.name),
        ),
      );
    }),
  );
  // The own name of one may be another's with the provider's.
  return [...new Map(objects.flat().map((object) => [object.id, object])).values()];
}

const toModelObject = (model: Model) =>
  modelObject(model, model.createdAt, model.routes[0]?.target.providerName ?? "tollgate");

const modelObject = (
  model: Pick<Model, "name" | "contextWindow" | "maxOutputTokens">,
  createdAt: Date,
  ownedBy: string,
) => ({
  id: model.name,
  object: "model",
  created: Math.floor(createdAt.getTime() / 1000),
  owned_by: ownedBy,
  context_window: model.contextWindow,
  max_output_tokens: model.maxOutputTokens,
});
