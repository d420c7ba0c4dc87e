import { formatUsd, type PicoUsd, parseUsd } from "#lib/credit/money";
import type { Payer } from "#lib/db/payer";
import type { Period } from "#lib/db/schema/columns";
import type { ScopeType } from "#lib/db/schema/credit";
import { storableJson } from "#lib/db/storable-json";
import { DatabaseUnavailable } from "#lib/db/unavailable";
import { type Instance, oldestOf } from "./instance";
import { ownersOf } from "./owners";

/** What credit control needs to know before a request may go upstream. */
export type HoldRequest = {
  id: string;
  payer: Payer;
  routingVersion: number;
  endpoint: string;
  model: string;
  providerName: string;
  upstreamModel: string;
  priceVersionId: string;
  stream: boolean;
  /** The key's and the request's own. */
  tags: readonly string[];
  clientRequestId: string | null;
  sessionId: string | null;
  holdPicoUsd: PicoUsd;
  /** If the whole hold does not fit a budget, accept what is left if it is at least this. Null: all or nothing. */
  floorPicoUsd: PicoUsd | null;
  /** What a sweep charges if this process dies before its next heartbeat. */
  ifSweptPicoUsd: PicoUsd;
  /** The row's input tokens until the provider reports them. */
  ifSweptInputTokens: number;
  ifSweptOutputTokens: number;
};

/** `stale`: the caller or the routing has changed since it was read; read again and resend. */
export type HoldRejection =
  | "invalid_api_key"
  | "organization_suspended"
  | "payment_expired"
  | "stale"
  | "concurrency_limit_exceeded";

export type HoldVerdict =
  | { granted: true; heldPicoUsd: PicoUsd; counterIds: readonly number[]; createdAt: string }
  | { granted: false; reason: HoldRejection }
  | OverBudget;

export type OverBudget = {
  granted: false;
  reason: "over_budget";
  /** What the tightest budget has left. */
  freePicoUsd: PicoUsd;
  /** What the tightest budget would have left if nothing were held: not always the same budget. */
  idlePicoUsd: PicoUsd;
  /** All budgets that the request was judged by, the narrowest first. */
  budgets: readonly BudgetState[];
};

/** A budget at the time of a verdict. What it has left is negative if its limit was lowered below what is spent. */
export type BudgetState = {
  scope: ScopeType;
  /** What it would have left if nothing were held. */
  idlePicoUsd: PicoUsd;
  heldPicoUsd: PicoUsd;
};

export type RequestHold = (request: HoldRequest) => Promise<HoldVerdict>;

/** A verdict as tollgate_hold_v1 returns it. */
export type VerdictRow =
  | [ord: number, "granted", counterIds: number[], createdAt: string, granted: string, null]
  | [ord: number, "over_budget", null, null, null, budgets: [scope: ScopeType, idle: string, held: string][]]
  | [ord: number, HoldRejection, null, null, null, null];

/**
 * Creates the function that places holds: the database judges a request against its caller's rows, adds the hold to the
 * counters of every scope and inserts the ledger row. Resending an id is safe: it gets its first verdict again.
 * @throws DatabaseUnavailable (from the returned function) when the database does not answer, or a row stays locked
 * for seconds
 */
export function holdPlacer(hold: RequestHold, instance: Instance): RequestHold {
  return async (request) => {
    instance.open.add(request.id);
    try {
      const verdict = await hold(request);
      if (!verdict.granted) instance.open.delete(request.id);
      return verdict;
    } catch (error) {
      const mayBeHeld = error instanceof DatabaseUnavailable && error.maybeDone;
      if (!mayBeHeld) instance.open.delete(request.id);
      throw error;
    }
  };
}

/** The arguments of tollgate_hold_v1 for a batch, in the order of the requests; each payer appears once. */
export function holdArguments(requests: readonly HoldRequest[]) {
  const scopes = scopeList();
  const payers: string[] = [];
  const places = new Map<Payer, number>();
  const placeOf = (payer: Payer): number => {
    const known = places.get(payer);
    if (known !== undefined) return known;
    const place = payers.push(JSON.stringify(toPayer(payer, payers.length + 1, scopes.place)));
    places.set(payer, place);
    return place;
  };
  return {
    ids: arrayOf(requests, ({ id }) => id),
    payerOf: arrayOf(requests, ({ payer }) => placeOf(payer)),
    routing: arrayOf(requests, ({ routingVersion }) => routingVersion),
    holds: arrayOf(requests, ({ holdPicoUsd }) => formatUsd(holdPicoUsd)),
    floors: arrayOf(requests, ({ floorPicoUsd }) =>
      floorPicoUsd === null ? "NULL" : formatUsd(floorPicoUsd),
    ),
    rows: storableJson(requests.map(toRow)),
    payers: `[${payers.join()}]`,
    scopes: arrayText(scopes.ids),
    types: arrayText(scopes.types),
    periods: arrayText(scopes.periods),
    oldest: oldestOf(requests.map(({ id }) => id)),
  };
}

/** The verdicts in the order of the requests; undefined where one is missing. */
export function verdictsOf(
  requests: readonly HoldRequest[],
  rows: readonly VerdictRow[],
): (HoldVerdict | undefined)[] {
  const verdicts = new Map(rows.map((row) => [row[0], toVerdict(row)]));
  return requests.map((_, ord) => verdicts.get(ord));
}

/** Lists the scopes of a batch, each once; `place` returns a scope's position, counted from 1. */
function scopeList() {
  const [ids, types, periods]: [string[], string[], Period[]] = [[], [], []];
  const places = new Map<string, number>();
  const place = (type: string, id: string | null, period: Period): number | null => {
    if (id === null) return null;
    const slot = id + period;
    const known = places.get(slot);
    if (known !== undefined) return known;
    ids.push(id);
    types.push(type);
    periods.push(period);
    places.set(slot, ids.length);
    return ids.length;
  };
  return { ids, types, periods, place };
}

/** An array literal of PostgreSQL. */
const arrayText = (words: readonly (string | number)[]) => `{${words.join()}}`;

const arrayOf = <T>(items: readonly T[], word: (item: T) => string | number) => arrayText(items.map(word));

function toPayer(payer: Payer, ord: number, place: ReturnType<typeof scopeList>["place"]) {
  return {
    ord,
    ...ownersOf(payer),
    so: place("organization", payer.organizationId, payer.organizationPeriod),
    su: place("user", payer.userId, payer.userPeriod),
    sk: place("api_key", payer.apiKeyId, payer.apiKeyPeriod),
    sa: place("app", payer.appId, payer.appPeriod),
    ov: payer.organizationVersion,
    uv: payer.userVersion,
    kv: payer.apiKeyVersion,
    av: payer.appVersion,
  };
}

/** The columns that are written and not judged. */
function toRow(request: HoldRequest) {
  return {
    endpoint: request.endpoint,
    model: request.model,
    provider: request.providerName,
    upstream_model: request.upstreamModel,
    price: request.priceVersionId,
    stream: request.stream,
    tags: request.tags,
    client_request_id: request.clientRequestId,
    session_id: request.sessionId,
    input_tokens: request.ifSweptInputTokens,
    if_swept: formatUsd(request.ifSweptPicoUsd),
    if_swept_output: request.ifSweptOutputTokens,
  };
}

function toVerdict(row: VerdictRow): HoldVerdict {
  const [, reason] = row;
  if (reason === "granted") {
    const [, , counterIds, createdAt, granted] = row;
    return { granted: true, heldPicoUsd: parseUsd(granted), counterIds, createdAt };
  }
  if (reason !== "over_budget") return { granted: false, reason };
  const [, , , , , budgets] = row;
  return overBudget(
    budgets.map(([scope, idle, held]) => ({
      scope,
      idlePicoUsd: parseUsd(idle),
      heldPicoUsd: parseUsd(held),
    })),
  );
}

/**
 * The verdict over a request that does not fit these budgets.
 * @throws Error without any budget
 */
export function overBudget(budgets: readonly BudgetState[]): OverBudget {
  const idle = tightestOf(budgets, ({ idlePicoUsd }) => idlePicoUsd);
  const free = tightestOf(budgets, freeIn);
  return {
    granted: false,
    reason: "over_budget",
    freePicoUsd: freeIn(free),
    idlePicoUsd: idle.idlePicoUsd,
    budgets,
  };
}

/** What a budget has left. */
export const freeIn = ({ idlePicoUsd, heldPicoUsd }: BudgetState): PicoUsd => idlePicoUsd - heldPicoUsd;

/**
 * The budget with the least of an amount; the narrowest of several.
 * @throws Error without any budget
 */
export function tightestOf(
  budgets: readonly BudgetState[],
  amountOf: (budget: BudgetState) => PicoUsd,
): BudgetState {
  const [first, ...others] = budgets;
  if (first === undefined) throw new Error("no budget rejects");
  return others.reduce((least, budget) => (amountOf(budget) < amountOf(least) ? budget : least), first);
}
