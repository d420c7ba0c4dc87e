import "server-only";
import type { Sql } from "#lib/db/client";
import type { Period } from "#lib/db/schema/columns";
import { DatabaseUnavailable } from "#lib/db/unavailable";
import { byTenant, type Turns } from "./by-tenant";
import { runBatch, type Within } from "./database-batch";
import { heartbeat, type Instance, oldestOf } from "./instance";
import { formatUsd, type PicoUsd, parseUsd } from "./money";

/**
 * Whom a request is charged to: every id names a scope with counters of its own, one a period. The
 * versions are those under which the rows were read; the hold compares them.
 */
export type Payer = {
  organizationId: string;
  organizationPeriod: Period;
  organizationVersion: number;
  userId: string | null;
  userPeriod: Period;
  userVersion: number | null;
  apiKeyId: string | null;
  apiKeyPeriod: Period;
  apiKeyVersion: number | null;
  appId: string | null;
  appPeriod: Period;
  appVersion: number | null;
  tags: readonly string[];
};

/** What a request asks of credit control before it may be sent upstream. */
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
  clientRequestId: string | null;
  /** What the row says of its input until a provider has counted it, and for good if it is swept. */
  inputTokenEstimate: number;
  holdPicoUsd: PicoUsd;
  /** Where the whole hold does not fit a budget, what is left of it will do from here up. Null: all or nothing. */
  floorPicoUsd: PicoUsd | null;
  /** What a sweep charges if this process dies before it says more. */
  ifSweptPicoUsd: PicoUsd;
  ifSweptOutputTokens: number;
};

/** `stale`: the caller or the routing was read before its last change; read again and resend. */
export type HoldRefusal =
  | "invalid_api_key"
  | "organization_suspended"
  | "payment_expired"
  | "stale"
  | "concurrency_limit_exceeded";

export type HoldVerdict =
  | { granted: true; heldPicoUsd: PicoUsd; counterIds: readonly number[]; createdAt: string }
  | { granted: false; reason: HoldRefusal }
  /** What the tightest budget has left, and what it would have if nothing were held. */
  | { granted: false; reason: "over_budget"; freePicoUsd: PicoUsd; idlePicoUsd: PicoUsd };

export type PlaceHold = (request: HoldRequest) => Promise<HoldVerdict>;

/** `[ord, verdict, counter ids, created at, granted, free, idle]`. */
type JudgedItem = [
  number,
  HoldRefusal | "over_budget" | "granted",
  number[],
  string,
  string,
  string | null,
  string | null,
];

/**
 * Makes the function that places holds: one database call judges a request against its caller's rows,
 * adds the hold to the counters of every scope and inserts the ledger row. Concurrent holds share a
 * call. Sending the same id again is safe: it answers the earlier verdict.
 * @throws DatabaseUnavailable (from the returned function) when the database does not answer, or keeps a
 * row locked for seconds
 */
export function holdPlacer(sql: Sql, instance: Instance, turns: Turns, deadline: Within | number): PlaceHold {
  const ask = async (requests: HoldRequest[]): Promise<JudgedItem[] | null> => {
    const scopes = scopeList();
    const items = JSON.stringify(requests.map((request, ord) => toItem(request, ord, scopes.place)));
    const oldest = oldestOf(requests.map((request) => request.id));
    // One JSON value rather than a row an item: reading rows is what costs the client most.
    const [answer] = await sql<{ judged: JudgedItem[] | null }[]>`
      SELECT tollgate_hold_v2(
        ${items}::text::jsonb, ${arrayText(scopes.ids)}::text::uuid[], ${arrayText(scopes.types)}::text::scope_type[],
        ${arrayText(scopes.periods)}::text::period[], ${instance.id}::uuid, ${oldest}::uuid) AS judged`;
    return answer?.judged ?? null;
  };
  const call = async (requests: HoldRequest[]): Promise<HoldVerdict[]> => {
    let judged = await ask(requests);
    if (judged === null) {
      // The first hold of this process, or the process was frozen for longer than its lease.
      await heartbeat(sql, instance);
      judged = await ask(requests);
    }
    const verdicts = new Map(judged?.map((item) => [item[0], toVerdict(item)]));
    return requests.map((_, ord) => {
      const verdict = verdicts.get(ord);
      if (!verdict) throw new Error("the hold function did not judge every item");
      return verdict;
    });
  };
  const send = byTenant({
    run: (requests: HoldRequest[]) => runBatch(requests, call, deadline),
    maxBatch: 256,
    turns,
    tenantOf: (request) => request.payer.organizationId,
  });
  return async (request) => {
    instance.open.add(request.id);
    try {
      const verdict = await send(request);
      if (!verdict.granted) instance.open.delete(request.id);
      return verdict;
    } catch (error) {
      const mayBeHeld = error instanceof DatabaseUnavailable && error.maybeDone;
      if (!mayBeHeld) instance.open.delete(request.id);
      throw error;
    }
  };
}

/** Lists the scopes of a batch, each once; `place` answers where (from 1) a scope stands in the list. */
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

/** An array of words as PostgreSQL writes it. */
const arrayText = (words: readonly string[]) => `{${words.join()}}`;

function toItem(request: HoldRequest, ord: number, place: ReturnType<typeof scopeList>["place"]) {
  const { payer } = request;
  return {
    ord,
    id: request.id,
    org: payer.organizationId,
    usr: payer.userId,
    key: payer.apiKeyId,
    app: payer.appId,
    so: place("organization", payer.organizationId, payer.organizationPeriod),
    su: place("user", payer.userId, payer.userPeriod),
    sk: place("api_key", payer.apiKeyId, payer.apiKeyPeriod),
    sa: place("app", payer.appId, payer.appPeriod),
    ov: payer.organizationVersion,
    uv: payer.userVersion,
    kv: payer.apiKeyVersion,
    av: payer.appVersion,
    rv: request.routingVersion,
    endpoint: request.endpoint,
    model: request.model,
    provider: request.providerName,
    upstream_model: request.upstreamModel,
    price: request.priceVersionId,
    stream: request.stream,
    tags: payer.tags,
    client_request_id: request.clientRequestId,
    input_tokens: request.inputTokenEstimate,
    hold: formatUsd(request.holdPicoUsd),
    floor: request.floorPicoUsd === null ? null : formatUsd(request.floorPicoUsd),
    if_swept: formatUsd(request.ifSweptPicoUsd),
    if_swept_output: request.ifSweptOutputTokens,
  };
}

function toVerdict([, verdict, counterIds, createdAt, granted, free, idle]: JudgedItem): HoldVerdict {
  if (verdict === "granted") return { granted: true, heldPicoUsd: parseUsd(granted), counterIds, createdAt };
  if (verdict !== "over_budget") return { granted: false, reason: verdict };
  return {
    granted: false,
    reason: verdict,
    freePicoUsd: parseUsd(free ?? "0"),
    idlePicoUsd: parseUsd(idle ?? "0"),
  };
}
