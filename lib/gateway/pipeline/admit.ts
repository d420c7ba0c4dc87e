import type { Caller } from "#lib/auth/caller";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import { type ClientHeaders, NO_CLIENT_HEADERS } from "#lib/dialects/headers/client-headers";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { isCallerRejection } from "#lib/gateway/rejections/caller-rejections";
import { apiErrorOf, rejected } from "#lib/gateway/rejections/rejected";
import { routingFor } from "#lib/gateway/routing/name-models";
import { resolveModel } from "#lib/gateway/routing/resolve-model";
import type { Model, Route, Routing } from "#lib/gateway/routing/routing";
import { type ContextJudge, contextJudge } from "#lib/gateway/sizing/context-window";
import { unboundedInputEstimate } from "#lib/gateway/sizing/estimate";
import { searchableCall } from "#lib/gateway/sizing/searches";
import { ApiError, unlessRejected } from "#lib/http/api-error";
import type { Admission, PlacedHold } from "./admission";
import type { Arrival } from "./arrival";
import { authenticate } from "./authenticate";
import { conversationOf } from "./conversation";
import { type HoldPlan, holdsOnce } from "./hold-source";
import { ifSwept } from "./if-swept";
import { withKeepableRoutes } from "./keepable-routes";
import { allTags, sessionId } from "./labels";
import { isUnknown } from "./likely-input";
import { billsOn } from "./likely-output";
import { isLimitedCaller } from "./limited-caller";
import { placeHold } from "./place-hold";
import { planRoutes } from "./plan-routes";
import { isRateLimited, passRateWindows, type RateTicket, withRateState } from "./rate-limit";
import { aboutCaller, rejectSpent } from "./reject-spent";
import { warnOfMissingRate } from "./uncovered-warnings";
import { withWindows } from "./with-windows";

/** A request with the caller and the routing that it is judged by, cached or fresh. */
type Asking = {
  dialect: Dialect;
  call: Call;
  caller: Caller;
  model: Model;
  routing: Routing;
};

/** A hold that was asked for; `admission` is null if the cache it was planned with is stale. */
type Attempt = { admission: Admission | null; ticket: RateTicket | null };

/**
 * Resolves the model, counts the request in its rate windows and places the hold. Caller and routing may come
 * from a cache: the hold checks them again, and if they are stale, or would reject the request, both are read
 * again, at most five times. A rejected request gets back the tokens that its windows were debited.
 * @throws Rejected; DatabaseUnavailable within it
 */
export async function admit(
  gateway: Gateway,
  arrival: Arrival,
  dialect: Dialect,
  cached: Caller,
  call: Call,
): Promise<Admission> {
  try {
    const routing = await routingFor(gateway, cached, call.model, { fresh: false });
    const judge = contextJudge(dialect, call);
    const model = resolveCached(routing, cached, call, dialect, arrival);
    const isLimited = isLimitedCaller(cached);
    const mayBeRejected =
      model === null ||
      (judge.isNear(model, isLimited) && (await judge.rejection(model, isLimited)) !== null);
    if (mayBeRejected) return await admitFresh(gateway, arrival, dialect, call, judge, null);
    const first = await attempt(gateway, arrival, { dialect, call, caller: cached, model, routing }, null);
    return first.admission ?? (await admitFresh(gateway, arrival, dialect, call, judge, first.ticket));
  } catch (error) {
    const mayBeSpent = cached.hasBudget && isAboutPace(error);
    const cause = mayBeSpent ? await aboutCaller(gateway, arrival, cached, error) : error;
    throw await withRateState(gateway, arrival, cause);
  }
}

/** The configuration may change between each reading and its hold, as while an administrator's script runs. */
const MOST_READINGS = 5;

/** The same with caller and routing as the database has them now. */
async function admitFresh(
  gateway: Gateway,
  arrival: Arrival,
  dialect: Dialect,
  given: Call,
  judge: ContextJudge,
  earlier: RateTicket | null,
): Promise<Admission> {
  let ticket = earlier;
  try {
    const clientHeaders = dialect.readHeaders(arrival.origin);
    for (let reading = 0; reading < MOST_READINGS; reading++) {
      const found = await authenticate(gateway, arrival, { fresh: true });
      const caller = await rejectSpent(gateway, arrival, found);
      const routing = await routingFor(gateway, caller, given.model, { fresh: true });
      const { model, call } = servedModel(routing, caller, given, dialect.name, clientHeaders);
      const tooLong = await judge.rejection(model, isLimitedCaller(caller));
      if (tooLong) throw tooLong;
      const tried = await attempt(gateway, arrival, { dialect, call, caller, model, routing }, ticket);
      if (tried.admission) return tried.admission;
      ticket = tried.ticket;
    }
    throw configurationChanging();
  } catch (error) {
    throw await withTokensBack(error, ticket);
  }
}

/** A model, and the call as it may serve it. */
type Served = { model: Model; call: Call };

function servedModel(
  routing: Routing,
  caller: Caller,
  given: Call,
  dialect: string,
  clientHeaders: ClientHeaders,
): Served {
  const model = resolveModel(routing, caller, given.model, dialect);
  const call = searchableCall(given, model);
  return { model: withKeepableRoutes(withWindows(model, call, clientHeaders), call), call };
}

/**
 * The model of a request, and the call as it may serve it, as the database has it now.
 * @throws ApiError for a model that the caller cannot use
 */
export const modelFor = async (
  gateway: Pick<Gateway, "routing">,
  caller: Caller,
  call: Call,
  dialect: string,
): Promise<Served> =>
  servedModel(
    await routingFor(gateway, caller, call.model, { fresh: true }),
    caller,
    call,
    dialect,
    NO_CLIENT_HEADERS,
  );

/** Null if the cache would reject the request, since it may be out of date. */
function resolveCached(
  routing: Routing,
  caller: Caller,
  call: Call,
  dialect: Dialect,
  { origin }: Arrival,
): Model | null {
  const served = unlessRejected(() =>
    servedModel(routing, caller, call, dialect.name, dialect.readHeaders(origin)),
  );
  return served?.call === call ? served.model : null;
}

async function attempt(
  gateway: Gateway,
  arrival: Arrival,
  { dialect, call, caller, model, routing }: Asking,
  earlier: RateTicket | null,
): Promise<Attempt> {
  // A caller whose limits were removed meanwhile keeps the ticket that it has: the usage corrects it.
  const ticket = isRateLimited(gateway, caller)
    ? await passRateWindows(gateway, arrival, caller, call, model, earlier)
    : earlier;
  warnOfMissingRate(gateway, arrival.requestId, call, model);
  const likelyInputTokens = unboundedInputEstimate(call, model);
  const conversation = conversationOf(caller, model, call, arrival.origin);
  const planned = planRoutes(gateway, model, call, conversation, likelyInputTokens);
  const [first, ...others] = planned.map(({ route }) => route);
  if (!first) throw new Error("a resolved model has a route");
  const routes: [Route, ...Route[]] = [first, ...others];
  const planFor = (call: Call): HoldPlan => ({
    caller,
    dialect,
    call,
    model,
    routes,
    planFor,
    holdOf: holdsOnce(({ holdPicoUsd, floorPicoUsd, inputTokens, outputTokens }, failOpen) => {
      const held = {
        call,
        hasBudget: caller.hasBudget,
        failOpen,
        routes,
        inputTokenEstimate: Math.min(likelyInputTokens, inputTokens),
        inputTokenBound: inputTokens,
      };
      const output = { likelyTokens: 0, mostTokens: outputTokens };
      const { ifSweptPicoUsd, ifSweptInputTokens, ifSweptOutputTokens } = ifSwept(
        gateway,
        held,
        first,
        output,
        0n,
      );
      return {
        id: arrival.requestId,
        payer: caller,
        routingVersion: routing.version,
        endpoint: dialect.endpoint,
        model: model.name,
        providerName: first.target.providerName,
        upstreamModel: first.target.upstreamModel,
        priceVersionId: first.priceVersionId,
        stream: call.stream,
        tags: allTags(caller.tags, arrival.origin),
        clientRequestId: arrival.clientRequestId,
        sessionId: sessionId(arrival.origin),
        holdPicoUsd,
        floorPicoUsd,
        ifSweptPicoUsd,
        ifSweptInputTokens,
        ifSweptOutputTokens,
      };
    }),
  });
  let placed: PlacedHold | null;
  try {
    placed = await placeHold(gateway, planFor(call));
  } catch (error) {
    if (isCallerRejection(error)) {
      gateway.callers.remove(arrival.credentials);
      // Reading a caller records that their payment has expired.
      await gateway.callers.find(arrival.credentials, { fresh: true }).catch(() => {});
    } else if (hasNothingLeft(error)) {
      // Read again, the next request is rejected before its body is read.
      gateway.callers.remove(arrival.credentials);
    }
    throw await withTokensBack(error, ticket);
  }
  if (placed === null) return { admission: null, ticket };
  const { hasBudget } = caller;
  const awaitsReport = isUnknown({ hasBudget, failOpen: placed.failOpen, call: placed.call, routes });
  const admission: Admission = {
    hold: placed.hold,
    counterIds: placed.counterIds,
    createdAt: placed.createdAt,
    inputTokenBound: placed.inputTokenBound,
    outputTokenBound: placed.outputTokenBound,
    outputLimit: placed.outputLimit,
    lowersReasoning: placed.lowersReasoning,
    failOpen: placed.failOpen,
    dialect,
    call: placed.call,
    clientHeaders: dialect.readHeaders(arrival.origin),
    model,
    routes,
    planned,
    conversation,
    inputTokenEstimate: Math.min(likelyInputTokens, placed.inputTokenBound),
    hasBudget,
    readsOn: readsOnOf(caller, placed, awaitsReport),
    awaitsReport,
    awaitsInput: (hasBudget || placed.failOpen) && call.stream && dialect.events.inputFirst === true,
    rates: ticket,
    receivedAtMs: arrival.receivedAtMs,
  };
  return { admission, ticket };
}

/** Rejections that a spent budget takes precedence over, though it is judged after them. */
function isAboutPace(error: unknown): boolean {
  const code = apiErrorOf(error)?.code;
  return code === "rate_limit_exceeded" || code === "concurrency_limit_exceeded";
}

/** If a budget must cover it, what may be billed after a disconnect is read, and so is what says how large the input was. */
function readsOnOf(
  { hasBudget, onHangUp }: Caller,
  { failOpen, call }: PlacedHold,
  awaitsReport: boolean,
): Admission["readsOn"] {
  const readsAll = onHangUp === "drain" || awaitsReport;
  return (route) => readsAll || billsOn({ hasBudget, failOpen, call }, route);
}

function hasNothingLeft(error: unknown): boolean {
  const rejection = apiErrorOf(error);
  return rejection?.code === "insufficient_quota" && rejection.budget?.remainingUsd === "0";
}

/** Gives back the tokens of a request that does not go upstream; the request itself stays counted. */
async function withTokensBack(error: unknown, ticket: RateTicket | null): Promise<unknown> {
  return ticket === null ? error : rejected(error, { headers: await ticket.correct(0) });
}

function configurationChanging(): ApiError {
  return new ApiError("service_unavailable", "The configuration is being changed right now. Try again.", {
    headers: { "retry-after": "1" },
  });
}
