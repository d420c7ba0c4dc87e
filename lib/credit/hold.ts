import "server-only";
import type { Sql } from "#lib/db/client";
import { runBatch } from "./database-batch";
import { gather, type Turnstile } from "./gather";
import { formatUsd, type PicoUsd } from "./money";

/** How long a row stays held without a sign of life from its process. */
export const LEASE_SECONDS = 60;

/**
 * Whom a request is charged to: every id names a scope with counters of its own. The versions are
 * those under which the rows were read; the hold compares them.
 */
export type Payer = {
  organizationId: string;
  organizationVersion: number;
  userId: string | null;
  userVersion: number | null;
  apiKeyId: string | null;
  apiKeyVersion: number | null;
  appId: string | null;
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
  /** What a sweep charges if this process dies before it says more. */
  ifSweptPicoUsd: PicoUsd;
  ifSweptOutputTokens: number;
};

/** `stale`: the caller or the routing was read before its last change; read again and resend. */
export type HoldRefusal = "invalid_api_key" | "organization_suspended" | "payment_expired" | "stale";

export type HoldVerdict =
  | { granted: true; counterIds: readonly number[]; createdAt: string }
  | { granted: false; reason: HoldRefusal };

export type PlaceHold = (request: HoldRequest) => Promise<HoldVerdict>;

/** `[ord, verdict, counter ids, created at]`. */
type JudgedItem = [number, HoldRefusal | "granted", number[], string];

/**
 * Makes the function that places holds: one database call judges a request against its caller's rows,
 * adds the hold to the counters of every scope and inserts the ledger row. Concurrent holds share a
 * call. Sending the same id again is safe: it answers the earlier verdict.
 * @throws DatabaseUnavailable (from the returned function) when the database does not answer
 */
export function holdPlacer(sql: Sql, instanceId: string, turn: Turnstile, deadlineMs: number): PlaceHold {
  const call = async (requests: HoldRequest[]): Promise<HoldVerdict[]> => {
    const items = JSON.stringify(requests.map(toItem));
    // One JSON value rather than a row an item: reading rows is what costs the client most.
    const [answer] = await sql<{ judged: JudgedItem[] | null }[]>`
      SELECT tollgate_hold_v1(${items}::text::jsonb, ${instanceId}::uuid, ${LEASE_SECONDS}::integer) AS judged`;
    const judged = answer?.judged ?? [];
    const verdicts = new Map(judged.map((item) => [item[0], toVerdict(item)]));
    return requests.map((_, ord) => {
      const verdict = verdicts.get(ord);
      if (!verdict) throw new Error("the hold function did not judge every item");
      return verdict;
    });
  };
  return gather({ run: (requests) => runBatch(requests, call, deadlineMs), maxBatch: 256, turn });
}

function toItem(request: HoldRequest, ord: number) {
  const { payer } = request;
  return {
    ord,
    id: request.id,
    org: payer.organizationId,
    usr: payer.userId,
    key: payer.apiKeyId,
    app: payer.appId,
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
    if_swept: formatUsd(request.ifSweptPicoUsd),
    if_swept_output: request.ifSweptOutputTokens,
  };
}

function toVerdict([, verdict, counterIds, createdAt]: JudgedItem): HoldVerdict {
  if (verdict !== "granted") return { granted: false, reason: verdict };
  return { granted: true, counterIds, createdAt };
}
