import { createLoader, createSerializer, parseAsBoolean, parseAsStringLiteral } from "nuqs/server";
import { parseAsSearch, parseAsUuid, parseAsWord } from "../address-parsers";

export const REQUEST_RANGES = ["1h", "24h", "7d", "30d"] as const;
export const REQUEST_STATUSES = ["held", "settled", "released", "swept", "adjustment"] as const;

/** The query parameters of the ledger, for the page and its filters. */
export const requestParsers = {
  status: parseAsStringLiteral(REQUEST_STATUSES),
  model: parseAsWord,
  key: parseAsUuid,
  organization: parseAsUuid,
  range: parseAsStringLiteral(REQUEST_RANGES),
  mode: parseAsStringLiteral(["streamed", "whole"] as const),
  endpoint: parseAsWord,
  error: parseAsWord,
  session: parseAsWord,
  q: parseAsSearch,
  failed: parseAsBoolean.withDefault(false),
  cursor: parseAsUuid,
};

export const loadRequestParams = createLoader(requestParsers);
export const requestsHref = createSerializer(requestParsers);

export type RequestParams = Awaited<ReturnType<typeof loadRequestParams>>;

const TEXT_OF_MODE = { streamed: "true", whole: "false" } as const;
const HOURS = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 } as const;

/** The service's query for these parameters. */
export function toQuery(params: RequestParams, nowMs: number) {
  const { range, mode } = params;
  return {
    status: params.status ?? undefined,
    model: params.model ?? undefined,
    api_key_id: params.key ?? undefined,
    organization_id: params.organization ?? undefined,
    stream: mode === null ? undefined : TEXT_OF_MODE[mode],
    endpoint: params.endpoint ?? undefined,
    error_code: params.error ?? undefined,
    session_id: params.session ?? undefined,
    search: params.q?.trim() || undefined,
    failed: params.failed ? ("true" as const) : undefined,
    from: range === null ? undefined : new Date(nowMs - HOURS[range] * 3_600_000).toISOString(),
    cursor: params.cursor ?? undefined,
  };
}

const EXPORT = "/api/admin/v1/requests";

/** Where the requests of these parameters are downloaded as CSV, from the newest on. */
export function csvHref(params: RequestParams, nowMs: number): string {
  const search = new URLSearchParams({ format: "csv" });
  const { cursor: _, ...query } = toQuery(params, nowMs);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  return `${EXPORT}?${search}`;
}

export const isFiltered = ({ cursor, ...filters }: RequestParams): boolean =>
  Object.values(filters).some((value) => value !== null && value !== false && value !== "");
