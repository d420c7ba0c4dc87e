import { type CallerFinding, readCallerById } from "#lib/auth/caller";
import { readStanding, type StandingBudget } from "#lib/auth/standing";
import { verdictNow } from "#lib/credit/ledger/ledger-calls";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { uuidv7 } from "#lib/credit/request-id";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import { DIALECTS } from "#lib/dialects/registry";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerRejected } from "#lib/gateway/rejections/caller-rejections";
import { apiErrorOf } from "#lib/gateway/rejections/rejected";
import type { BreakerState } from "#lib/gateway/routing/breaker";
import type { PlannedTarget } from "#lib/gateway/routing/order-question";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { unboundedInputEstimate } from "#lib/gateway/sizing/estimate";
import { ApiError } from "#lib/http/api-error";
import type { RateLimiter } from "#lib/limits/limiter";
import type { Admission } from "./admission";
import { admit, modelFor } from "./admit";
import type { Arrival } from "./arrival";
import { hadNoRoom } from "./failed-attempt";
import { boundOfSecond, nextTarget } from "./hedge";
import { parseBody } from "./parse-body";
import { likelyCostPicoUsd, planRoutes } from "./plan-routes";
import { rejectSpent } from "./reject-spent";
import { likelyTokens } from "./send-attempt";
import { dispatchOrder } from "./target-queue";

/** A request that is not sent: whose, to which endpoint, and with which body. */
export type ExplainQuestion = {
  caller: { apiKeyId: string } | { appId: string };
  /** As on the row. */
  endpoint: string;
  body: string;
};

type ExplainedTarget = {
  provider: string;
  upstream_model: string;
  state: BreakerState;
  /** The first is 1. */
  order: number;
  reason: string;
  likely_cost_usd: string;
  price_version_id: string;
};

type ExplainedHedge = {
  after_ms: number;
  provider: string;
  upstream_model: string;
  /** What is held besides. */
  hold_usd: string;
  /** Whether every budget and the target have room for both. */
  fits: boolean;
};

export type Explanation = {
  scopes: Pick<StandingBudget, "scope" | "limit_usd" | "spent_usd" | "held_usd" | "remaining_usd">[];
  targets: ExplainedTarget[];
  /** The target that is asked besides the first one, if that is slow; null: none is. */
  hedge: ExplainedHedge | null;
  decision: {
    allowed: boolean;
    code: string | null;
    message: string | null;
    provider: string | null;
    upstream_model: string | null;
    hold_usd: string | null;
  };
};

/** Targets without a place, and why. */
type FullTargets = ReadonlyMap<Route, string>;

/** What cannot be explained, by the field of the question. */
export type Unexplained = { unknown: "caller" | "endpoint"; message: string };

/** Who is asked about by id has no secret to be read again by. */
const NO_CREDENTIALS = { kind: "key", key: "" } as const;
const NO_HEADERS: Arrival["origin"] = { header: () => null, headerNames: () => [], socket: null };

/**
 * Says what a request would meet now, and sends nothing: it passes the stages of a request up to its dispatch, with a
 * hold that is rolled back, rate windows that are only looked at, and turns that are not taken.
 */
export async function explainRequest(
  gateway: Gateway,
  question: ExplainQuestion,
): Promise<Explanation | Unexplained> {
  const dialect = DIALECTS.find(({ endpoint }) => endpoint === question.endpoint);
  if (dialect === undefined) {
    const endpoints = DIALECTS.map(({ endpoint }) => endpoint).join(", ");
    return { unknown: "endpoint", message: `Choose one of: ${endpoints}.` };
  }
  const find = async (): Promise<CallerFinding> => {
    const found = await readCallerById(gateway.sql, question.caller);
    // Addresses are the client's, and it has none here.
    return found.found ? { ...found, caller: { ...found.caller, allowedIps: null } } : found;
  };
  const finding = await find();
  if (!finding.found) {
    if (finding.who === null) return { unknown: "caller", message: "Key or app not found." };
    return { scopes: [], targets: [], hedge: null, decision: rejectedBy(callerRejected(finding.reason)) };
  }
  const { caller } = finding;
  const looking = lookingOn(gateway, find);
  const standing = await readStanding(gateway.sql, caller);
  const scopes = (standing?.budgets ?? []).map(
    ({ scope, limit_usd, spent_usd, held_usd, remaining_usd }) => ({
      scope,
      limit_usd,
      spent_usd,
      held_usd,
      remaining_usd,
    }),
  );
  const arrival: Arrival = {
    requestId: uuidv7(),
    clientRequestId: null,
    credentials: NO_CREDENTIALS,
    origin: NO_HEADERS,
    receivedAtMs: caller.readAtMs,
  };
  let call: Call | null = null;
  try {
    await rejectSpent(looking, arrival, caller);
    call = await parseBody(looking, dialect, caller, question.body);
    const admission = await admit(looking, arrival, dialect, caller, call);
    const { planned, model, inputTokenEstimate } = admission;
    const full = await fullTargets(gateway, admission);
    return {
      scopes,
      targets: explained(planned, model, call, inputTokenEstimate, full),
      hedge: explainedHedge(admission, scopes, full),
      decision: decisionOn(admission, full),
    };
  } catch (error) {
    const rejection = apiErrorOf(error);
    if (rejection === null) throw error;
    const targets = call === null ? [] : await targetsOf(looking, dialect, caller, call);
    return { scopes, targets, hedge: null, decision: rejectedBy(rejection) };
  }
}

/** Why targets would be passed over, since their providers allow no more now. */
async function fullTargets({ rooms }: Gateway, admission: Admission): Promise<FullTargets> {
  const full = new Map<Route, string>();
  for (const { route } of admission.planned) {
    const reason = await rooms.whyFull(route, likelyTokens(admission));
    if (reason !== null) full.set(route, reason);
  }
  return full;
}

function decisionOn({ planned, hold }: Admission, full: FullTargets): Explanation["decision"] {
  const first = triedOrder(planned).find((route) => !full.has(route));
  if (first === undefined) return rejectedBy(hadNoRoom(0).error);
  return {
    allowed: true,
    code: null,
    message: null,
    provider: first.target.providerName,
    upstream_model: first.target.upstreamModel,
    hold_usd: formatUsd(hold.holdPicoUsd),
  };
}

/** A gateway whose stages change nothing. */
function lookingOn(gateway: Gateway, find: Gateway["callers"]["find"]): Gateway {
  const { targets, sql, instance, limiter } = gateway;
  return {
    ...gateway,
    callers: { ...gateway.callers, find, remove: () => {} },
    limiter: { ...limiter, take: (takes, options) => wouldTake(limiter, takes, options) },
    requestHold: (request) => verdictNow(sql, instance, request),
    // Without the database nothing is known that could be explained.
    failOpen: null,
    targets: { ...targets, of: targets.seen, nextTurn: targets.turnAfter },
  };
}

async function wouldTake(limiter: RateLimiter, ...[takes, options]: Parameters<RateLimiter["take"]>) {
  const states = await limiter.peek(
    takes.map(({ window }) => window),
    options,
  );
  return {
    states: states.map((state, at) => ({ ...state, fits: state.remaining >= (takes[at]?.amount ?? 0) })),
    correct: async () => [],
  };
}

const rejectedBy = ({ code, message }: ApiError): Explanation["decision"] => ({
  allowed: false,
  code,
  message,
  provider: null,
  upstream_model: null,
  hold_usd: null,
});

/** The targets of a request that is rejected; none if it is rejected for its model. */
async function targetsOf(
  gateway: Gateway,
  dialect: Dialect,
  caller: Parameters<typeof modelFor>[1],
  call: Call,
): Promise<ExplainedTarget[]> {
  try {
    const { model, call: served } = await modelFor(gateway, caller, call, dialect.name);
    const tokens = unboundedInputEstimate(served, model);
    return explained(planRoutes(gateway, model, served, null, tokens), model, served, tokens, new Map());
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}

/** The second attempt that dispatch would make, if nothing changes until then. */
function explainedHedge(
  admission: Admission,
  scopes: Explanation["scopes"],
  full: FullTargets,
): ExplainedHedge | null {
  const { planned, model, hold } = admission;
  const order = triedOrder(planned);
  const [first, ...later] = order.slice(order.findIndex((route) => !full.has(route)));
  if (first === undefined || model.hedgeAfterMs === null) return null;
  const isUp = (route: Route) => planned.some((each) => each.route === route && each.state === "closed");
  const second = nextTarget(first, later, isUp);
  if (second === null) return null;
  const holdPicoUsd = boundOfSecond(admission, second);
  const { providerName, upstreamModel } = second.target;
  return {
    after_ms: model.hedgeAfterMs,
    provider: providerName,
    upstream_model: upstreamModel,
    hold_usd: formatUsd(holdPicoUsd),
    fits:
      !full.has(second) &&
      scopes.every(({ remaining_usd: left }) => parseUsd(left) >= hold.holdPicoUsd + holdPicoUsd),
  };
}

function triedOrder(planned: readonly PlannedTarget[]): Route[] {
  const { probe, up, down } = dispatchOrder(planned);
  return [...(probe === null ? [] : [probe]), ...up, ...down];
}

/** In the order in which dispatch would try them. */
function explained(
  planned: readonly PlannedTarget[],
  model: Model,
  call: Call,
  inputTokens: number,
  full: FullTargets,
): ExplainedTarget[] {
  return triedOrder(planned).map((route, at) => {
    const found = planned.find((each) => each.route === route);
    const isFull = full.get(route);
    return {
      provider: route.target.providerName,
      upstream_model: route.target.upstreamModel,
      state: found?.state ?? "closed",
      order: at + 1,
      reason: [found?.reason ?? "", ...(isFull === undefined ? [] : [isFull])].join("; "),
      likely_cost_usd: formatUsd(likelyCostPicoUsd(route, model, call, inputTokens)),
      price_version_id: route.priceVersionId,
    };
  });
}
